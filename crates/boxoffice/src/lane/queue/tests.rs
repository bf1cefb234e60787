use super::*;
use uuid::Uuid;

const LIMITS: Limits = Limits {
    batch_max: 8,
    lane_max: 20,
    refusals_max: 100,
    batches_max: 4,
    batches_a_tenant_max: 2,
    together_max: 3,
    ahead_min: 2,
    pause: 2,
};
/// Commands from here on have to wait for their turn.
const IN_TURN: u32 = 1_000;

impl Waiting for u32 {
    fn may_go_ahead(&self) -> bool {
        *self < IN_TURN
    }
}

type Lanes = Queues<u32, &'static str>;

fn tenant(number: u128) -> OrganisationId {
    OrganisationId::from(Uuid::from_u128(number))
}

fn event(number: u128) -> EventId {
    EventId::from(Uuid::from_u128(number))
}

fn push(queues: &mut Lanes, lane: (u128, u128), commands: std::ops::Range<u32>) {
    for command in commands {
        queues.push((tenant(lane.0), event(lane.1)), command, LIMITS).unwrap();
    }
}

fn done(queues: &mut Lanes, batch: &Batch<u32, &'static str>, sold_out: &[EventId]) {
    let Batch { organisation, events, .. } = batch;
    queues.done(Ended { organisation: *organisation, events, sold_out, was_overtaken: false }, LIMITS);
}

#[test]
fn one_event_runs_one_batch_at_a_time_in_the_order_its_commands_came() {
    let mut queues = Lanes::default();
    push(&mut queues, (1, 1), 0..10);
    let first = queues.next(LIMITS).unwrap();
    assert_eq!(first.commands, (0..8).collect::<Vec<_>>());
    assert!(queues.next(LIMITS).is_none(), "the event is being worked on");
    push(&mut queues, (1, 1), 10..11);
    done(&mut queues, &first, &[]);
    assert_eq!(queues.next(LIMITS).unwrap().commands, [8, 9, 10]);
}

#[test]
fn a_hot_event_rides_alone_and_the_quiet_ones_do_not_wait_for_it() {
    let mut queues = Lanes::default();
    push(&mut queues, (1, 1), 0..20);
    let hot = queues.next(LIMITS).unwrap();
    push(&mut queues, (1, 2), 100..102);
    push(&mut queues, (1, 3), 200..201);
    let quiet = queues.next(LIMITS).unwrap();
    assert_eq!((quiet.events.len(), quiet.commands), (2, vec![100, 101, 200]));
    done(&mut queues, &hot, &[]);
    push(&mut queues, (1, 4), 300..301);
    assert_eq!(queues.next(LIMITS).unwrap().events, [event(1)], "it waited longest, and takes nobody along");
    assert!(queues.next(LIMITS).is_none(), "two batches of one tenant are enough");
    push(&mut queues, (2, 9), 0..1);
    assert_eq!(queues.next(LIMITS).unwrap().organisation, tenant(2), "another tenant has its own");
}

#[test]
fn a_batch_that_has_decided_lets_the_next_go_ahead_and_that_one_the_next_when_it_has_ended() {
    let mut queues = Lanes::default();
    let id = (tenant(1), event(1));
    push(&mut queues, (1, 1), 0..3);
    let first = queues.next(LIMITS).unwrap();
    queues.open(id, "after first", LIMITS);
    push(&mut queues, (1, 1), 3..5);
    assert!(queues.next(LIMITS).is_none(), "fewer than the last batch took are not worth it");
    push(&mut queues, (1, 1), 5..6);
    let second = queues.next(LIMITS).unwrap();
    assert_eq!((second.ahead_of, second.commands.as_slice()), (Some("after first"), [3, 4, 5].as_slice()));
    queues.open(id, "after second", LIMITS);
    push(&mut queues, (1, 1), 6..10);
    assert!(queues.next(LIMITS).is_none(), "one ahead is enough");
    done(&mut queues, &first, &[]);
    let third = queues.next(LIMITS).unwrap();
    assert_eq!((third.ahead_of, third.commands.as_slice()), (Some("after second"), [6, 7, 8, 9].as_slice()));
    done(&mut queues, &second, &[]);
    push(&mut queues, (1, 1), 10..11);
    done(&mut queues, &third, &[]);
    assert_eq!(queues.next(LIMITS).unwrap().ahead_of, None, "nobody is left to go ahead of");
}

#[test]
fn what_must_be_decided_in_its_turn_stops_a_batch_ahead() {
    let mut queues = Lanes::default();
    push(&mut queues, (1, 1), 0..2);
    let first = queues.next(LIMITS).unwrap();
    queues.open((tenant(1), event(1)), "after first", LIMITS);
    push(&mut queues, (1, 1), IN_TURN..IN_TURN + 1);
    push(&mut queues, (1, 1), 2..6);
    assert!(queues.next(LIMITS).is_none(), "it stands first");
    done(&mut queues, &first, &[]);
    let second = queues.next(LIMITS).unwrap();
    assert_eq!((second.ahead_of, second.commands), (None, vec![IN_TURN, 2, 3, 4, 5]));
    queues.open((tenant(1), event(1)), "after second", LIMITS);
    push(&mut queues, (1, 1), 6..12);
    push(&mut queues, (1, 1), IN_TURN..IN_TURN + 1);
    assert_eq!(queues.next(LIMITS).unwrap().commands, (6..12).collect::<Vec<_>>(), "what stands before it goes");
}

#[test]
fn a_lane_that_was_overtaken_waits_a_while_before_it_sends_a_batch_ahead_again() {
    let mut queues = Lanes::default();
    let id = (tenant(1), event(1));
    push(&mut queues, (1, 1), 0..4);
    let mut overtaken = true;
    let mut ahead = Vec::new();
    for _ in 0..4 {
        let front = queues.next(LIMITS).unwrap();
        queues.open(id, "before", LIMITS);
        push(&mut queues, (1, 1), 10..18);
        let sent = queues.next(LIMITS);
        ahead.push(sent.is_some());
        push(&mut queues, (1, 1), 18..20);
        done(&mut queues, &front, &[]);
        if let Some(sent) = sent {
            let ended =
                Ended { organisation: tenant(1), events: &sent.events, sold_out: &[], was_overtaken: overtaken };
            queues.done(ended, LIMITS);
            overtaken = false;
        }
    }
    assert_eq!(ahead, [true, false, false, true]);
    assert!(
        queues.running.get(&tenant(1)).is_none_or(|batches| *batches <= 1),
        "a batch ahead has no place of its own"
    );
}

#[test]
fn what_is_sold_out_sends_nothing_ahead() {
    let mut queues = Lanes::default();
    push(&mut queues, (1, 1), 0..2);
    let first = queues.next(LIMITS).unwrap();
    push(&mut queues, (1, 1), 2..4);
    done(&mut queues, &first, &[event(1)]);
    let refused = queues.next(LIMITS).unwrap();
    queues.open((tenant(1), event(1)), "after", LIMITS);
    push(&mut queues, (1, 1), 4..10);
    assert!(refused.was_sold_out && queues.next(LIMITS).is_none());
}

#[test]
fn a_full_lane_gives_the_command_back() {
    let mut queues = Lanes::default();
    push(&mut queues, (1, 1), 0..20);
    assert_eq!(queues.push((tenant(1), event(1)), 99, LIMITS), Err(99));
    assert_eq!(queues.push((tenant(1), event(2)), 99, LIMITS), Ok(()), "others go on");
}

#[test]
fn what_was_sold_out_is_refused_in_larger_batches() {
    let mut queues = Lanes::default();
    push(&mut queues, (1, 1), 0..1);
    let batch = queues.next(LIMITS).unwrap();
    push(&mut queues, (1, 1), 1..20);
    done(&mut queues, &batch, &[event(1)]);
    let refused = queues.next(LIMITS).unwrap();
    assert_eq!((refused.was_sold_out, refused.commands.len()), (true, 19));
    push(&mut queues, (1, 1), 20..21);
    done(&mut queues, &refused, &[]);
    assert!(!queues.next(LIMITS).unwrap().was_sold_out);
}

#[test]
fn lanes_without_work_are_retired() {
    let mut queues = Lanes::default();
    push(&mut queues, (1, 1), 0..1);
    let batch = queues.next(LIMITS).unwrap();
    done(&mut queues, &batch, &[]);
    assert_eq!(queues.len(), (0, 0));
    assert!(queues.running.is_empty() && queues.ready.is_empty());
}

#[test]
fn nothing_is_lost_or_done_twice_however_lanes_and_tenants_mix() {
    let mut queues = Lanes::default();
    let mut seen = Vec::new();
    let mut running: VecDeque<Batch<u32, &'static str>> = VecDeque::new();
    for step in 0..2_000_u32 {
        let lane = (u128::from(step % 3), u128::from(step * 7 % 11));
        queues.push((tenant(lane.0), event(lane.1)), step, Limits { lane_max: 5_000, ..LIMITS }).unwrap();
        if step % 2 == 0 {
            running.extend(queues.next(LIMITS));
        }
        if step % 7 == 0
            && let Some(Batch { organisation, events, .. }) = running.back()
            && let [event] = events.as_slice()
        {
            queues.open((*organisation, *event), "before", LIMITS);
        }
        if step % 5 == 0
            && let Some(batch) = running.pop_front()
        {
            done(&mut queues, &batch, &[]);
            seen.extend(batch.commands);
        }
    }
    loop {
        running.extend(queues.next(LIMITS));
        let Some(batch) = running.pop_front() else { break };
        done(&mut queues, &batch, &[]);
        seen.extend(batch.commands);
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..2_000).collect::<Vec<_>>());
}
