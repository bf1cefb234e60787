//! Drawing the line at the opening.

use kernel::events::WaitingRoomDrawn;
use platform::{Fault, Tx};

use super::arm::SEED;
use super::model::draw::{draw, hex, roll_hash};
use super::model::steer::RoomState;
use super::model::{Drawn, Room};
use super::store::{self, entries};

/// Gives everyone who is present a place by the draw, publishes the seed, and opens the room. Called under the room's lock; the caller
/// saves the room.
pub(super) async fn draw_line(tx: &mut Tx, room: &mut Room) -> Result<(), Fault> {
    let sealed = store::sealed_seed(tx, room.organisation, room.event).await?;
    let seed = tx.vault().open(SEED, room.event.uuid().as_bytes(), &sealed).map_err(Fault::corrupt)?;
    let seed = store::bytes32(&seed)?;
    let present = entries::undrawn(tx, room).await?;
    let drawn = draw(&seed, &present);
    entries::number(tx, room, &drawn).await?;
    let count = u32::try_from(drawn.len()).map_err(Fault::corrupt)?;
    let roll_hash = roll_hash(&drawn);
    room.drawn = Some(Drawn { at: tx.now(), count: i32::try_from(count).map_err(Fault::corrupt)?, seed, roll_hash });
    room.next_number = i64::from(count) + 1;
    room.state = RoomState::Open;
    let event = WaitingRoomDrawn { event: room.event, entries: count, seed: hex(&seed), roll_hash: hex(&roll_hash) };
    tx.record(Some(room.organisation), &event).await
}
