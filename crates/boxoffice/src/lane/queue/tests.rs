use super::*;
use uuid::Uuid;

const LIMITS: Limits =
    Limits { batch_max: 8, lane_max: 20, refusals_max: 100, batches_max: 4, batches_a_tenant_max: 2, together_max: 3 };

fn tenant(number: u128) -> OrganisationId {
    OrganisationId::from(Uuid::from_u128(number))
}

fn event(number: u128) -> EventId {
    EventId::from(Uuid::from_u128(number))
}

fn push(queues: &mut Queues<u32>, lane: (u128, u128), commands: std::ops::Range<u32>) {
    for command in commands {
        queues.push((tenant(lane.0), event(lane.1)), command, LIMITS).unwrap();
    }
}

#[test]
fn one_event_runs_one_batch_at_a_time_in_the_order_its_commands_came() {
    let mut queues = Queues::default();
    push(&mut queues, (1, 1), 0..10);
    let first = queues.next(LIMITS).unwrap();
    assert_eq!(first.commands, (0..8).collect::<Vec<_>>());
    assert!(queues.next(LIMITS).is_none(), "the event is being worked on");
    push(&mut queues, (1, 1), 10..11);
    queues.done(tenant(1), &first.events, &[]);
    assert_eq!(queues.next(LIMITS).unwrap().commands, [8, 9, 10]);
}

#[test]
fn a_hot_event_rides_alone_and_the_quiet_ones_do_not_wait_for_it() {
    let mut queues = Queues::default();
    push(&mut queues, (1, 1), 0..20);
    let hot = queues.next(LIMITS).unwrap();
    push(&mut queues, (1, 2), 100..102);
    push(&mut queues, (1, 3), 200..201);
    let quiet = queues.next(LIMITS).unwrap();
    assert_eq!((quiet.events.len(), quiet.commands), (2, vec![100, 101, 200]));
    queues.done(tenant(1), &hot.events, &[]);
    push(&mut queues, (1, 4), 300..301);
    assert_eq!(queues.next(LIMITS).unwrap().events, [event(1)], "it waited longest, and takes nobody along");
    assert!(queues.next(LIMITS).is_none(), "two batches of one tenant are enough");
    push(&mut queues, (2, 9), 0..1);
    assert_eq!(queues.next(LIMITS).unwrap().organisation, tenant(2), "another tenant has its own");
}

#[test]
fn a_full_lane_gives_the_command_back() {
    let mut queues = Queues::default();
    push(&mut queues, (1, 1), 0..20);
    assert_eq!(queues.push((tenant(1), event(1)), 99, LIMITS), Err(99));
    assert_eq!(queues.push((tenant(1), event(2)), 99, LIMITS), Ok(()), "others go on");
}

#[test]
fn what_was_sold_out_is_refused_in_larger_batches() {
    let mut queues = Queues::default();
    push(&mut queues, (1, 1), 0..1);
    let batch = queues.next(LIMITS).unwrap();
    push(&mut queues, (1, 1), 1..20);
    queues.done(tenant(1), &batch.events, &[event(1)]);
    let refused = queues.next(LIMITS).unwrap();
    assert_eq!((refused.was_sold_out, refused.commands.len()), (true, 19));
    push(&mut queues, (1, 1), 20..21);
    queues.done(tenant(1), &refused.events, &[]);
    assert!(!queues.next(LIMITS).unwrap().was_sold_out);
}

#[test]
fn lanes_without_work_are_retired() {
    let mut queues = Queues::default();
    push(&mut queues, (1, 1), 0..1);
    let batch = queues.next(LIMITS).unwrap();
    queues.done(tenant(1), &batch.events, &[]);
    assert_eq!(queues.len(), (0, 0));
    assert!(queues.running.is_empty() && queues.ready.is_empty());
}

#[test]
fn nothing_is_lost_or_done_twice_however_lanes_and_tenants_mix() {
    let mut queues = Queues::default();
    let mut seen = Vec::new();
    let mut running: VecDeque<Batch<u32>> = VecDeque::new();
    for step in 0..2_000_u32 {
        let lane = (u128::from(step % 3), u128::from(step * 7 % 11));
        queues.push((tenant(lane.0), event(lane.1)), step, Limits { lane_max: 5_000, ..LIMITS }).unwrap();
        if step % 2 == 0 {
            running.extend(queues.next(LIMITS));
        }
        if step % 5 == 0
            && let Some(batch) = running.pop_front()
        {
            queues.done(batch.organisation, &batch.events, &[]);
            seen.extend(batch.commands);
        }
    }
    loop {
        running.extend(queues.next(LIMITS));
        let Some(batch) = running.pop_front() else { break };
        queues.done(batch.organisation, &batch.events, &[]);
        seen.extend(batch.commands);
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..2_000).collect::<Vec<_>>());
}
