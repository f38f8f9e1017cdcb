//! Names of people and companies.

/// First names from where the demo's customers are at home.
pub(in crate::server::seed) const FIRST_NAMES: [&str; 96] = [
    "Aaron", "Abigail", "Ada", "Aisha", "Alba", "Alejandro", "Alice", "Amara", "Amelie", "Amir", "Anders", "Andrea",
    "Anna", "Antoine", "Arjun", "Astrid", "Beatriz", "Ben", "Bruno", "Camille", "Carla", "Carlos", "Caroline", "Chloe",
    "Clara", "Daniel", "David", "Diego", "Elena", "Elif", "Ella", "Emil", "Emma", "Erik", "Esther", "Ethan",
    "Eva", "Farah", "Felix", "Fiona", "Florian", "Freya", "Gabriel", "Grace", "Greta", "Hannah", "Hassan", "Helena",
    "Henrik", "Hugo", "Ibrahim", "Ida", "Isla", "Ivan", "Jack", "Jana", "Jasper", "Johanna", "Jonas", "Julia",
    "Karim", "Katharina", "Keiko", "Laura", "Lea", "Leon", "Liam", "Lina", "Louis", "Lucia", "Lukas", "Maja",
    "Marco", "Maria", "Marta", "Matteo", "Maya", "Milan", "Nadia", "Nina", "Noah", "Nora", "Oscar", "Paul",
    "Priya", "Rafael", "Rosa", "Samuel", "Sara", "Sofia", "Stefan", "Theo", "Tomas", "Valentina", "Yusuf", "Zoe",
];

/// Family names.
pub(in crate::server::seed) const LAST_NAMES: [&str; 96] = [
    "Abbott", "Adler", "Ahmed", "Almeida", "Andersson", "Arnold", "Bakker", "Barnes", "Bauer", "Becker", "Bennett", "Berg",
    "Bianchi", "Blanc", "Brandt", "Brooks", "Carter", "Castillo", "Chen", "Clarke", "Cohen", "Costa", "Cruz", "Dahl",
    "Davies", "Delgado", "Diaz", "Dubois", "Edwards", "Egger", "Eriksen", "Evans", "Fischer", "Fontaine", "Foster", "Fuchs",
    "Garcia", "Gill", "Girard", "Gomez", "Graf", "Gruber", "Haas", "Hall", "Hansen", "Hayes", "Herrera", "Hoffmann",
    "Hughes", "Ito", "Jansen", "Jensen", "Johansson", "Jones", "Kaplan", "Keller", "Khan", "Kim", "Klein", "Kowalski",
    "Kumar", "Lambert", "Larsen", "Lehmann", "Lopez", "Marino", "Martin", "Mehta", "Mercier", "Meyer", "Moreau", "Murphy",
    "Nakamura", "Nielsen", "Nowak", "Okafor", "Olsen", "Ortega", "Parker", "Petrov", "Reid", "Ricci", "Romano", "Rossi",
    "Roth", "Santos", "Schmidt", "Shah", "Silva", "Singh", "Tanaka", "Vogel", "Walker", "Weber", "Wright", "Young",
];

/// First words of company names.
pub(in crate::server::seed) const COMPANY_FIRST: [&str; 64] = [
    "Acorn", "Alder", "Amber", "Anchor", "Apex", "Arbor", "Aspen", "Atlas", "Aurora", "Beacon", "Birch", "Blue Harbour",
    "Bright", "Canyon", "Cedar", "Cinder", "Citrine", "Clear", "Cobalt", "Compass", "Copper", "Coral", "Crescent", "Delta",
    "Ember", "Fathom", "Fern", "Field", "Flint", "Garnet", "Granite", "Harbor", "Hazel", "Heron", "Hollow", "Indigo",
    "Iron", "Juniper", "Kestrel", "Lantern", "Lark", "Linden", "Lumen", "Maple", "Marble", "Meridian", "Mosaic", "Nimbus",
    "North Star", "Oak", "Onyx", "Orchard", "Osprey", "Pebble", "Pine", "Prism", "Quarry", "River", "Sable", "Silver",
    "Slate", "Summit", "Tidal", "Willow",
];

/// Second words of company names; with the first ones there are more than 2,000 different pairs.
pub(in crate::server::seed) const COMPANY_SECOND: [&str; 40] = [
    "Analytics", "Aviation", "Bank", "Biotech", "Books", "Build", "Capital", "Care", "Clinics", "Commerce", "Data",
    "Delivery", "Design", "Energy", "Engineering", "Farms", "Finance", "Foods", "Freight", "Games", "Health", "Homes",
    "Hotels", "Insurance", "Labs", "Learning", "Logistics", "Media", "Mobility", "Networks", "Optics", "Outdoor", "Payments",
    "Robotics", "Security", "Software", "Studios", "Systems", "Travel", "Works",
];
