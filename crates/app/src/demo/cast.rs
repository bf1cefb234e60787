//! The people of the demo.

/// Owner of Northside Events.
pub const ADA: &str = "ada@example.org";
/// Door staff of Northside Events.
pub const DOOR: &str = "door@example.org";
/// Owner of Harbour Tech.
pub const GRACE: &str = "grace@example.org";

/// Buyers: their names, in more than one script.
const BUYERS: [&str; 30] = [
    "Mateo García",
    "Freja Lind",
    "Kwame Mensah",
    "Amara Okafor",
    "Tomasz Nowak",
    "Oliver Smith",
    "Yuki Tanaka",
    "Léa Dubois",
    "Noor de Vries",
    "Ines Carvalho",
    "Anna Kowalska",
    "Mohammed al-Amin",
    "Chloé Martin",
    "Lukas Weber",
    "Sofia Rossi",
    "Emre Yılmaz",
    "Priya Sharma",
    "Daan Bakker",
    "Elena Petrova",
    "Jonas Berg",
    "李小龍",
    "محمد الخطيب",
    "Αλέξανδρος Παπαδόπουλος",
    "Дмитро Шевченко",
    "नेहा गुप्ता",
    "Siobhán Ní Bhriain",
    "Björn Åkesson",
    "Zoë van den Heuvel",
    "Aoife Byrne",
    "Tariq Hassan",
];

/// A buyer by number, the same for the same number.
pub fn buyer(number: usize) -> (String, String) {
    let name = BUYERS.get(number % BUYERS.len()).copied().unwrap_or("Ada Buyer");
    (name.to_owned(), format!("buyer{number:03}@example.org"))
}
