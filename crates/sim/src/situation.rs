//! What must happen in a simulation for it to have tested anything: each situation is a sentence, counted whenever it occurs.

macro_rules! situations {
    ($($name:ident = $sentence:literal,)*) => {
        /// A situation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Situation {
            $(#[doc = $sentence] $name,)*
        }
        /// All of them with their sentences.
        pub const ALL: &[(Situation, &str)] = &[$((Situation::$name, $sentence),)*];
    };
}

situations! {
    // Many at once.
    Batched = "several commands were done in one transaction",
    Interleaved = "two nodes' batches interleaved on one pool",
    RodeTogether = "commands of two events rode in one batch",
    WaitedForLock = "a batch waited for a row that another node had locked",
    SkippedLocked = "an expired hold was left to the transaction that had it locked",
    LaneFull = "a lane was full and said so at once",
    LeftBeforeTurn = "someone went away before their turn and nothing was done for them",
    LeftDuringTurn = "someone went away while their batch ran and it was done all the same",
    LongLane = "more commands waited than one batch takes",
    // One batch ahead.
    WentAhead = "a batch was decided before the one in front of it was committed",
    Overtaken = "a batch went ahead, found another stock than was foretold, and was done again in its turn",
    OvertakenByPerson = "someone in a batch that went ahead had bought in the one before, where their number is limited",
    AheadOfFallen = "a batch went ahead of one that had gone ahead in vain",
    // Answers that got lost.
    LostFound = "an answer was lost after the commit and the witness found it",
    LostRepeated = "an answer was lost before the commit, and the batch was run again",
    LostWaited = "the witness waited for a lost transaction to end",
    LostLate = "a lost transaction committed later",
    LostNever = "a lost transaction was rolled back later",
    LostNoWitness = "an answer was lost and there was no witness to ask",
    LostTooOften = "answers were lost so often that the outcome stayed unknown",
    WitnessSilent = "the database did not answer when the witness was looked for",
    CommitRefused = "a commit was refused and the transaction was run again",
    CommitRefusedTooOften = "commits were refused so often that the callers were told",
    Broken = "a connection broke in the middle of a transaction",
    Poisoned = "a poisoned command was halved out",
    PoisonedAlone = "a poisoned command was alone in its batch",
    PoisonedTwo = "two poisoned commands were in one batch",
    // Nodes.
    Killed = "a node was killed with a batch in flight",
    KilledQueue = "a node was killed with commands in its queue",
    KilledAfterCommit = "a node was killed between a commit and its answers",
    KilledLost = "a node was killed while it looked for a witness",
    ClockAhead = "a hold looked expired to a node whose clock is ahead, and was alive to another",
    Jumped = "the clock jumped past the end of a hold",
    // Keys.
    KeyReplayed = "a request with a known key got its first answer again",
    KeyRunning = "a request came again while the first one was running",
    KeyTakenOver = "a request whose node was killed was done again under its key",
    KeyUnknown = "a request whose effect is there and whose answer is lost was told so",
    KeyReleased = "a request that broke was tried again under its key and worked",
    // Holds.
    LastPlace = "the last place was taken",
    SoldOut = "someone was refused because nothing was left",
    SoldOutLooked = "someone was refused with one look, without a transaction",
    SoldOutPart = "too few places were left for all, but some",
    SoldOutSecondLine = "the second line of a choice failed and the first was undone",
    LookedWithExpired = "a look at a sold-out event found an expired hold and left the work to a transaction",
    Reclaimed = "the places of an expired hold went to someone else",
    Swept = "an expired hold was swept",
    ReclaimedOrder = "a hold expired with its unpaid order",
    Renewed = "a hold was renewed",
    RenewedTooOften = "a hold was renewed as often as is fair and no more",
    RenewedTooLate = "a hold was renewed after its end",
    Released = "a hold was let go",
    ReleasedTwice = "a hold that had ended was let go again",
    ReleasedOrdered = "the release of an ordered hold was refused",
    AddonAlone = "an add-on was wanted alone",
    AddonTaken = "an add-on was taken with its ticket",
    ClosedSale = "the event was closed while someone wanted to buy",
    Hidden = "the event was hidden while someone wanted to buy",
    // Seats.
    SeatsNamed = "seats were taken by their names",
    SeatsBest = "the best seats were given",
    SeatsAccessible = "a place for a wheelchair was given",
    SeatsSplit = "a party was seated in two rows",
    SeatsMixed = "seats and places without numbers were taken together",
    SeatsTaken = "a seat was wanted that somebody else had",
    SeatsTakenInBatch = "a seat was wanted that the same batch had given away",
    SeatsNone = "no seats were left for a party together",
    SeatsUnknown = "a seat was named that is not there, or not of the category",
    SeatsWithout = "a seat was named where none are sold",
    SeatsUndone = "seats were undone because places without numbers were short, or the other way round",
    SeatsReclaimed = "the seats of an expired hold went to someone else",
    SeatsConverted = "held seats became sold",
    SeatsRetaken = "late money took its seats again",
    SeatsGone = "late money came after its seats were taken by others",
    SeatsCancelled = "the seats of a cancelled order were on sale again",
    SeatsResold = "the seat of a cancelled order was sold again in the same batch",
    SeatsBlocked = "seats were kept back",
    SeatsUnblocked = "seats were given out again",
    SeatsInUse = "seats that somebody has could not be kept back",
    // Orders.
    BoughtFree = "a free order was made in one call",
    BoughtPaid = "an order with something to pay was made in one call",
    Placed = "a hold became an order",
    PlacedTwiceInBatch = "one hold was ordered twice in one batch",
    PlacedTwice = "one hold was ordered twice in two batches",
    PlacedExpired = "a hold was ordered after its end",
    PlacedReleased = "a hold was ordered after it was let go",
    PersonLimit = "a person wanted more than one person may have",
    PersonLimitNodes = "the limit of a person held over orders on two nodes",
    PersonLimitSpelling = "the limit of a person held whatever their address's spelling",
    PersonLimitFreed = "a person could buy again after their unpaid order had expired",
    // Money.
    PaidEarly = "an order was paid in time",
    PaidOverdue = "an order was paid after its end, before anybody had taken its places",
    PaidLateRetaken = "an order was paid after it had expired, and its places were taken again",
    PaidLateGone = "an order was paid after its places were gone, and the money went back",
    PaidLateLimited = "late money would have given a person more than the limit, and went back",
    PaidSecond = "a second payment of a paid order went back",
    PaidCancelled = "a payment of a cancelled order went back",
    PaidAgain = "a payment was told again and counted once",
    PaidAfterDecline = "a payment succeeded after it had been declined",
    ExpiredOnTheWay = "a hold expired while its order's payment was on the way",
    NoticeTwice = "a notice came twice",
    NoticeOld = "a notice told what was not true any more",
    NoticeNever = "a notice never came and the provider was asked",
    SettleUnknown = "the outcome of a settlement was unknown and it was tried again",
    // Organisers.
    CancelledPaid = "a paid order was cancelled and its money went back",
    CancelledKept = "a paid order was cancelled and its money was kept",
    CancelledKeptTold = "money kept after a cancellation was told again and stayed",
    CancelledUnpaid = "an order that waited for its payment was cancelled",
    CancelledEnded = "an order that had ended was cancelled",
    ResizedExact = "capacity was lowered to exactly what is sold and held",
    ResizedBelow = "capacity below what is sold and held was refused",
    ResizedRoom = "capacity was raised and someone got a place",
}

/// How often each situation occurred.
#[derive(Debug, Clone)]
pub struct Seen(Vec<u64>);

impl Default for Seen {
    fn default() -> Self {
        Self(vec![0; ALL.len()])
    }
}

impl Seen {
    /// Counts a situation.
    #[expect(clippy::as_conversions, reason = "the enum's own number")]
    pub fn note(&mut self, situation: Situation) {
        self.0[situation as usize] += 1;
    }

    /// Counts a situation if it is one.
    pub fn note_if(&mut self, is_so: bool, situation: Situation) {
        if is_so {
            self.note(situation);
        }
    }

    /// Adds what another world saw.
    pub fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine += theirs);
    }

    /// Every situation's sentence with its count.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        ALL.iter().zip(&self.0).map(|((_, sentence), count)| (*sentence, *count))
    }

    /// The sentences of situations that never occurred.
    pub fn missing(&self) -> Vec<&'static str> {
        self.counts().filter(|(_, count)| *count == 0).map(|(sentence, _)| sentence).collect()
    }
}
