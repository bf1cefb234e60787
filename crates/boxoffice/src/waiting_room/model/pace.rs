//! The pace: how many people to let in now, from what was measured, never from a fixed rate.
//!
//! Two bounds, the smaller one counts.
//!
//! *Stock*: people inside who hold nothing yet, times the places that one admitted person has taken so far, stays near the places that
//! are left. Before enough people have finished to measure that, everyone is taken to buy as much as one order can.
//!
//! *Flow*: people inside stay near what the sale has been seen to carry. As in BBR (Cardwell et al., "BBR: Congestion-Based Congestion
//! Control", ACM Queue 14(5), 2016) that is the best rate seen lately times the shortest time a purchase took, times a gain that lets it
//! grow while the sale keeps up. The shortest time rather than the present one: when the sale slows down, people stay longer, and by
//! Little's law the present time would ask for ever more of them.

/// Seconds of one window of counters.
pub const WINDOW_SECONDS: i64 = 10;
/// How many windows are looked at: five minutes.
pub const WINDOWS_MAX: i64 = 30;
/// Someone who was let in so long ago and holds nothing is taken to have turned to something else.
pub const BROWSE_SECONDS: i64 = 120;
/// So many must have come to an end before "places a head" is believed.
pub const RESOLVED_HEADS_MIN: i64 = 10;
/// The least that a head is taken to buy: one place in ten heads.
pub const PLACES_A_HEAD_MILLI_MIN: i64 = 100;
/// People more than the stock asks for, so that the last places do not wait for one hesitant person.
pub const SPARE_HEADS_MIN: i64 = 3;
/// The same as a share of what the stock asks for: one in so many.
pub const SPARE_HEADS_DIVISOR: i64 = 10;
/// How much more than it has carried the sale is tried with.
pub const GAIN: i64 = 2;
/// A window with fewer purchases says nothing about how long one takes.
pub const STAYS_A_WINDOW_MIN: i64 = 5;
/// The most people one tick lets in.
pub const ADMITTED_A_TICK_MAX: i64 = 1000;
/// The fewest who may shop at once, unless the organiser says otherwise: the floor to measure from.
pub const SHOPPERS_MIN_DEFAULT: i32 = 100;
/// The most who may shop at once, unless the organiser says otherwise.
pub const SHOPPERS_MAX_DEFAULT: i32 = 5000;
/// The most an organiser can allow.
pub const SHOPPERS_MAX: i32 = 100_000;
/// Conversion is not believed to be below one in so many, in thousandths.
const CONVERSION_MILLI_MIN: i64 = 50;

/// The fewest and the most who shop at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The floor.
    pub shoppers_min: i32,
    /// The ceiling.
    pub shoppers_max: i32,
}

/// Counters of ten seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// People let in.
    pub admitted: i64,
    /// People who made their first order.
    pub bought: i64,
    /// Seconds from admission to order, summed over these.
    pub stay_seconds: i64,
}

/// What the pace is decided from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation<'a> {
    /// The last windows, the newest first.
    pub windows: &'a [Window],
    /// Places that nobody holds.
    pub places_left: i64,
    /// Places sold since the opening.
    pub places_sold: i64,
    /// The most places one order can take.
    pub places_an_order_max: i64,
    /// People let in since the opening.
    pub admitted: i64,
    /// Those of them who made an order.
    pub bought: i64,
    /// Those who were let in lately and hold nothing yet.
    pub browsing: i64,
    /// Those who hold places and have not ordered: at most as many as there are live holds.
    pub holding: i64,
    /// People in the line.
    pub waiting: i64,
    /// The floor and the ceiling.
    pub limits: Limits,
}

/// What was decided, with the figures behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How many to let in now.
    pub admit: i64,
    /// Thousandths of a place that one admitted person takes.
    pub places_a_head_milli: i64,
    /// How many people without a hold the stock is good for.
    pub stock_heads: i64,
    /// How many people the sale is seen to carry at once.
    pub shoppers: i64,
}

/// Decides how many to let in now.
pub fn pace(situation: &Situation<'_>) -> Pace {
    let places_a_head_milli = places_a_head_milli(situation);
    let stock_heads = stock_heads(situation.places_left, places_a_head_milli);
    let shoppers = shoppers(situation);
    let by_stock = stock_heads - situation.browsing;
    let by_flow = shoppers - situation.browsing - situation.holding;
    let admit = by_stock.min(by_flow).min(situation.waiting).clamp(0, ADMITTED_A_TICK_MAX);
    Pace { admit, places_a_head_milli, stock_heads, shoppers }
}

/// People who came to an end, one way or the other.
fn resolved(situation: &Situation<'_>) -> i64 {
    (situation.admitted - situation.browsing - situation.holding).max(0)
}

fn places_a_head_milli(situation: &Situation<'_>) -> i64 {
    let heads = resolved(situation);
    if heads < RESOLVED_HEADS_MIN {
        return situation.places_an_order_max.max(1) * 1000;
    }
    (situation.places_sold.max(0) * 1000 / heads).max(PLACES_A_HEAD_MILLI_MIN)
}

fn stock_heads(places_left: i64, places_a_head_milli: i64) -> i64 {
    if places_left <= 0 {
        return 0;
    }
    let heads = (places_left * 1000 + places_a_head_milli - 1) / places_a_head_milli;
    heads + SPARE_HEADS_MIN.max(heads / SPARE_HEADS_DIVISOR)
}

/// Gain x best rate x shortest stay. The rate of admissions behind a rate of orders follows from the share of people who buy; those who
/// do not buy stay for the time of browsing.
fn shoppers(situation: &Situation<'_>) -> i64 {
    let (floor, ceiling) = (i64::from(situation.limits.shoppers_min), i64::from(situation.limits.shoppers_max));
    let best = situation.windows.iter().map(|window| window.bought).max().unwrap_or(0);
    let Some(stay) = shortest_stay(situation.windows) else { return floor.min(ceiling) };
    let heads = resolved(situation).max(1);
    let conversion = (situation.bought * 1000 / heads).clamp(CONVERSION_MILLI_MIN, 1000);
    let idle_seconds = BROWSE_SECONDS * (1000 - conversion) / conversion;
    let carried = GAIN * best * (stay + idle_seconds) / WINDOW_SECONDS;
    carried.max(floor).min(ceiling)
}

/// The shortest mean time from admission to order among the windows; of all of them together when each alone has too few.
fn shortest_stay(windows: &[Window]) -> Option<i64> {
    let telling = windows.iter().filter(|window| window.bought >= STAYS_A_WINDOW_MIN);
    telling.map(|window| window.stay_seconds / window.bought).min().or_else(|| {
        let bought: i64 = windows.iter().map(|window| window.bought).sum();
        let stays: i64 = windows.iter().map(|window| window.stay_seconds).sum();
        (bought > 0).then(|| stays / bought)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn beginning() -> Situation<'static> {
        Situation {
            windows: &[],
            places_left: 500,
            places_sold: 0,
            places_an_order_max: 10,
            admitted: 0,
            bought: 0,
            browsing: 0,
            holding: 0,
            waiting: 20_000,
            limits: Limits { shoppers_min: 100, shoppers_max: 5000 },
        }
    }

    #[test]
    fn nobody_knows_what_people_buy_so_the_first_are_taken_to_buy_most() {
        let pace = pace(&beginning());
        // 500 places are 50 people with 10 each, and five to spare.
        assert_eq!((pace.admit, pace.places_a_head_milli, pace.stock_heads), (55, 10_000, 55));
    }

    #[test]
    fn more_come_in_once_it_is_seen_that_people_buy_less() {
        // Fifty have come to an end, forty of them bought two each: 420 places are good for 263 more.
        let situation =
            Situation { places_left: 420, places_sold: 80, admitted: 60, bought: 40, browsing: 10, ..beginning() };
        let pace = pace(&Situation { limits: Limits { shoppers_min: 1000, shoppers_max: 5000 }, ..situation });
        assert_eq!((pace.places_a_head_milli, pace.stock_heads, pace.admit), (1600, 263 + 26, 279));
    }

    #[test]
    fn a_sale_that_carries_more_is_tried_with_more_up_to_the_ceiling() {
        let windows = [Window { admitted: 0, bought: 50, stay_seconds: 50 * 60 }; 3];
        let busy = Situation {
            windows: &windows,
            places_left: 100_000,
            places_sold: 300,
            admitted: 700,
            bought: 150,
            browsing: 300,
            holding: 100,
            ..beginning()
        };
        // 50 in 10 s for 60 s, half of all buy and the others look around for 120 s: twice 900.
        assert_eq!(pace(&busy).shoppers, 1800);
        assert_eq!(pace(&Situation { limits: Limits { shoppers_min: 1, shoppers_max: 500 }, ..busy }).shoppers, 500);
    }

    #[test]
    fn a_sale_that_slows_down_is_not_given_more() {
        let quick = Window { admitted: 100, bought: 50, stay_seconds: 50 * 20 };
        let slow = Window { admitted: 100, bought: 50, stay_seconds: 50 * 200 };
        let of = |windows: &[Window]| shoppers(&Situation { windows, admitted: 1000, bought: 1000, ..beginning() });
        assert_eq!(of(&[slow, slow, quick]), of(&[quick, quick, quick]));
    }

    #[test]
    fn the_last_places_are_not_left_to_one_hesitant_person() {
        let last =
            Situation { places_left: 1, places_sold: 499, admitted: 400, bought: 390, browsing: 1, ..beginning() };
        assert_eq!(pace(&last).admit, 3);
        assert_eq!(pace(&Situation { places_left: 0, ..last }).admit, 0);
    }

    /// Plays a sale second by second: a share of the people buys so many places, a moment after coming in; the others look and go.
    fn play(places: i64, share_percent: i64, places_each: i64, seconds_max: i64) -> (i64, i64, i64) {
        let (mut left, mut sold, mut admitted, mut bought, mut in_vain) = (places, 0, 0, 0, 0);
        let mut windows = vec![Window::default()];
        let mut inside: Vec<(i64, bool)> = Vec::new();
        for second in 0..seconds_max {
            if second % WINDOW_SECONDS == 0 {
                windows.insert(0, Window::default());
                windows.truncate(30);
            }
            inside.retain(|&(since, buys)| {
                let stay = second - since;
                if buys && stay >= 45 {
                    let taken = places_each.min(left);
                    (left, sold) = (left - taken, sold + taken);
                    if taken == 0 {
                        in_vain += 1;
                    } else {
                        bought += 1;
                        windows[0].bought += 1;
                        windows[0].stay_seconds += stay;
                    }
                    return false;
                }
                stay < BROWSE_SECONDS
            });
            let decided = pace(&Situation {
                windows: &windows,
                places_left: left,
                places_sold: sold,
                admitted,
                bought,
                browsing: i64::try_from(inside.len()).unwrap(),
                ..beginning()
            });
            for at in 0..decided.admit {
                inside
                    .push((second, (admitted + at) * share_percent / 100 != (admitted + at + 1) * share_percent / 100));
            }
            admitted += decided.admit;
            if left == 0 {
                return (second, admitted, in_vain);
            }
        }
        (seconds_max, admitted, in_vain)
    }

    #[test]
    fn whole_sales_end_soon_and_few_come_in_in_vain() {
        for (places, share, each) in [(500, 60, 2), (500, 100, 1), (500, 10, 1), (500, 90, 10), (20_000, 50, 2)] {
            let (seconds, admitted, in_vain) = play(places, share, each, 3600);
            println!(
                "{places} places, {share} % buy {each}: sold out after {seconds} s, {admitted} let in, {in_vain} in vain"
            );
            assert!(seconds < 3600, "{places} places were not sold");
            let needed = places * 100 / share / each;
            assert!(in_vain <= needed / 4 + 10, "{in_vain} of {admitted} came in vain");
        }
    }

    proptest! {
        #[test]
        fn the_pace_keeps_its_limits(
            places_left in -5_i64..100_000, places_sold in -5_i64..100_000, admitted in 0_i64..100_000, bought in 0_i64..100_000,
            browsing in 0_i64..10_000, holding in 0_i64..10_000, waiting in 0_i64..100_000, sold in 0_i64..1000, stay in 0_i64..100_000,
        ) {
            let windows = [Window { admitted: 0, bought: sold, stay_seconds: stay }];
            let situation = Situation {
                windows: &windows, places_left, places_sold, admitted, bought, browsing, holding, waiting, ..beginning()
            };
            let pace = pace(&situation);
            prop_assert!((0..=waiting.min(ADMITTED_A_TICK_MAX)).contains(&pace.admit));
            prop_assert!(pace.admit == 0 || browsing + holding + pace.admit <= 5000);
            prop_assert!(places_left > 0 || pace.admit == 0);
            prop_assert!((100..=5000).contains(&pace.shoppers));
        }
    }
}
