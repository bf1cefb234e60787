//! The states of a waiting room, and what its organiser can make of them.

/// Where a waiting room is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoomState {
    /// Before the opening: people gather, the line is drawn at the opening.
    Armed,
    /// People are let in.
    Open,
    /// Nobody is let in; whoever is in may go on, whoever waits keeps the place.
    Paused,
    /// The emergency stop: nobody is let in, and nobody may buy. Whoever was in is back at the head of the line.
    Stopped,
    /// There is no waiting room any more; everyone may buy.
    Closed,
}

impl RoomState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Armed, Self::Open, Self::Paused, Self::Stopped, Self::Closed];

    /// The word kept in the database and told to programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Armed => "armed",
            Self::Open => "open",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Closed => "closed",
        }
    }

    /// The state of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// What an organiser tells a waiting room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Steering {
    /// Let nobody in for now.
    Pause,
    /// Go on.
    Resume,
    /// Stop everything at once.
    Stop,
    /// Do without a waiting room from now on.
    Close,
}

/// Why a room is not steered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotSteer {
    /// The room is closed.
    #[error("The waiting room is closed. Arm it again to use it.")]
    Closed,
    /// There is nothing to resume.
    #[error("The waiting room is running already.")]
    Running,
}

/// The state that follows. Asking for the state that is there already changes nothing.
pub fn steer(state: RoomState, is_drawn: bool, steering: Steering) -> Result<RoomState, CannotSteer> {
    match (state, steering) {
        (RoomState::Closed, Steering::Close) => Ok(RoomState::Closed),
        (RoomState::Closed, _) => Err(CannotSteer::Closed),
        (_, Steering::Close) => Ok(RoomState::Closed),
        (_, Steering::Stop) => Ok(RoomState::Stopped),
        (RoomState::Paused | RoomState::Stopped, Steering::Resume) => {
            Ok(if is_drawn { RoomState::Open } else { RoomState::Armed })
        }
        (RoomState::Armed | RoomState::Open, Steering::Resume) => Err(CannotSteer::Running),
        (RoomState::Stopped, Steering::Pause) => Ok(RoomState::Stopped),
        (_, Steering::Pause) => Ok(RoomState::Paused),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_answers_every_steering() {
        use RoomState::{Armed, Closed, Open, Paused, Stopped};
        use Steering::{Close, Pause, Resume, Stop};
        let cases = [
            (Armed, false, Pause, Ok(Paused)),
            (Paused, false, Resume, Ok(Armed)),
            (Paused, true, Resume, Ok(Open)),
            (Open, true, Pause, Ok(Paused)),
            (Open, true, Stop, Ok(Stopped)),
            (Open, true, Resume, Err(CannotSteer::Running)),
            (Stopped, true, Pause, Ok(Stopped)),
            (Stopped, true, Resume, Ok(Open)),
            (Stopped, true, Close, Ok(Closed)),
            (Closed, true, Close, Ok(Closed)),
            (Closed, true, Resume, Err(CannotSteer::Closed)),
        ];
        for (state, is_drawn, steering, expected) in cases {
            assert_eq!(steer(state, is_drawn, steering), expected, "{state:?} {steering:?}");
        }
        assert!(RoomState::ALL.into_iter().all(|state| RoomState::parse(state.as_str()) == Some(state)));
        assert_eq!(RoomState::parse("ajar"), None);
    }
}
