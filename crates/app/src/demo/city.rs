//! The events of the demo. Days are counted from the day the demo is told.

use super::hall;

/// Something on sale: name, description, pricing, cents, places, orders end so many days from today.
pub struct Offer {
    /// What it is called.
    pub name: &'static str,
    /// What it includes.
    pub description: &'static str,
    /// `free`, `paid`, `pay_what_you_want`.
    pub pricing: &'static str,
    /// Minor units.
    pub price: i64,
    /// Places.
    pub capacity: i32,
    /// Sold until so many days from today.
    pub sale_ends_in_days: Option<i64>,
}

/// An event.
pub struct Scene {
    /// Its name.
    pub title: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Markdown.
    pub description: &'static str,
    /// What kind.
    pub category: &'static str,
    /// The hue of its pages.
    pub hue: i64,
    /// `in_person`, `online`, `hybrid`.
    pub attendance: &'static str,
    /// Venue, address, city and country.
    pub place: (&'static str, &'static str, &'static str, &'static str),
    /// Where it happens online.
    pub online_url: &'static str,
    /// Starts so many days from today.
    pub in_days: i64,
    /// Hours on the wall: start and end.
    pub hours: (&'static str, &'static str),
    /// Lasts so many nights.
    pub nights: i64,
    /// What is on sale.
    pub offers: &'static [Offer],
}

const fn offer(
    name: &'static str,
    description: &'static str,
    pricing: &'static str,
    price: i64,
    capacity: i32,
) -> Offer {
    Offer { name, description, pricing, price, capacity, sale_ends_in_days: None }
}

/// Sold out but three.
pub const CONCERT: Scene = Scene {
    title: "Blue Harbour Jazz",
    summary: "One night, two bands, and a grain warehouse that opens its doors to the water.",
    description: "For one night the old grain warehouse opens its doors to the water.\n\n**Thirty musicians** play two sets, from solo piano at dusk to a big band after midnight.\n\n- Doors open at 19:00\n- Food by six local kitchens\n- Step-free access to every room",
    category: "music",
    hue: 28,
    attendance: "in_person",
    place: ("Pakhuis 14", "Rijnhaven 14", "Rotterdam", "Netherlands"),
    online_url: "",
    in_days: 40,
    hours: ("20:00", "01:00"),
    nights: 1,
    offers: &[
        offer("Standing", "Main floor", "paid", 3_200, 40),
        offer("Balcony", "Numbered at the door, first come", "paid", 4_800, 20),
    ],
};

/// With numbered seats.
pub const RECITAL: Scene = Scene {
    title: "Glass and Strings",
    summary: "A string quartet and a glass harp, in a hall where every seat hears the same.",
    description: "Four strings and forty glasses of water.\n\nThe programme is played without an interval and lasts seventy minutes.\n\n- Two places for wheelchairs, each with a seat for company\n- The hall is step-free from the quay",
    category: "music",
    hue: 270,
    attendance: "in_person",
    place: ("Pakhuis 14, small hall", "Rijnhaven 14", "Rotterdam", "Netherlands"),
    online_url: "",
    in_days: 52,
    hours: ("20:15", "21:25"),
    nights: 0,
    offers: &[
        offer("Stalls", "Rows 1 to 10", "paid", 2_800, hall::SEATS.0),
        offer("Balcony", "Rows 1 to 4", "paid", 1_900, hall::SEATS.1),
    ],
};

/// Free.
pub const MEETUP: Scene = Scene {
    title: "Ownership Night: Rust in Rotterdam",
    summary: "Three short talks, one long table, free pizza.",
    description: "Three short talks and a long table to talk them over.\n\n1. *Borrowing without tears*\n2. *From 400 ms to 4*\n3. *Lightning talks: bring yours*\n\nBeginners are very welcome.",
    category: "meetup",
    hue: 152,
    attendance: "in_person",
    place: ("Kade Werkplaats", "Veerhaven 9", "Rotterdam", "Netherlands"),
    online_url: "",
    in_days: 9,
    hours: ("18:30", "21:30"),
    nights: 0,
    offers: &[offer("RSVP", "A seat, a slice, a sticker", "free", 0, 80)],
};

/// Two days, four kinds of ticket.
pub const CONFERENCE: Scene = Scene {
    title: "Tideline Conf",
    summary: "Two days about systems that keep running when the tide comes in.",
    description: "Two days, one track, twelve talks about systems that keep running when the tide comes in.\n\n### Who it is for\nPeople who build and run things that others rely on.\n\n### Access\nThe hall is step-free, talks are captioned, and there is a quiet room.",
    category: "conference",
    hue: 222,
    attendance: "hybrid",
    place: ("Havenhuis", "Kattendijkdok 2", "Antwerp", "Belgium"),
    online_url: "https://stream.example.org/tideline",
    in_days: 70,
    hours: ("09:00", "17:30"),
    nights: 1,
    offers: &[
        Offer {
            name: "Early bird",
            description: "Both days, lunch included",
            pricing: "paid",
            price: 14_900,
            capacity: 15,
            sale_ends_in_days: Some(-10),
        },
        offer("Regular", "Both days, lunch included", "paid", 24_900, 120),
        offer("Student", "Give what you can; bring your card", "pay_what_you_want", 4_000, 30),
        offer("Livestream", "Watch from anywhere", "free", 0, 500),
    ],
};

/// Over, with people scanned in.
pub const SUPPER: Scene = Scene {
    title: "Harvest Supper",
    summary: "One table for forty, the last tomatoes of the year.",
    description: "One long table, five courses, neighbours you have not met yet.",
    category: "other",
    hue: 78,
    attendance: "in_person",
    place: ("De Schuur", "Polderweg 3", "Delft", "Netherlands"),
    online_url: "",
    in_days: -3,
    hours: ("18:00", "22:00"),
    nights: 0,
    offers: &[offer("Seat at the table", "Five courses", "paid", 3_950, 40)],
};

/// Still being written.
pub const DRAFT: Scene = Scene {
    title: "Winter Light Workshop",
    summary: "Build a lantern, carry it home.",
    description: "Bring warm clothes. We bring paper, wire and light.",
    category: "workshop",
    hue: 320,
    attendance: "in_person",
    place: ("", "", "Rotterdam", "Netherlands"),
    online_url: "",
    in_days: 25,
    hours: ("14:00", "17:00"),
    nights: 0,
    offers: &[],
};

/// Called off.
pub const CANCELLED: Scene = Scene {
    title: "Night Swim in the Maas",
    summary: "Called off: the river has other plans.",
    description: "The water is too cold and too fast this year.",
    category: "sport",
    hue: 195,
    attendance: "in_person",
    place: ("Steiger 4", "Maasboulevard 100", "Rotterdam", "Netherlands"),
    online_url: "",
    in_days: 14,
    hours: ("21:00", "22:30"),
    nights: 0,
    offers: &[offer("Swimmer", "Bring a towel", "free", 0, 30)],
};
