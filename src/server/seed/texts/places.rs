//! Countries with their addresses and their way of charging VAT.

/// Where a customer is at home, and what that means for its invoices.
#[derive(Clone, Copy, Debug)]
pub(in crate::server::seed) struct Country {
    /// ISO 3166-1 alpha-2.
    pub(in crate::server::seed) code: &'static str,
    /// Of 100 customers.
    pub(in crate::server::seed) share: i64,
    /// What a company's legal name ends with.
    pub(in crate::server::seed) legal_form: &'static str,
    /// City and a postal code in it.
    pub(in crate::server::seed) cities: &'static [(&'static str, &'static str)],
    /// Street names; the house number is added in the country's order.
    pub(in crate::server::seed) streets: &'static [&'static str],
    /// Whether the house number stands first.
    pub(in crate::server::seed) number_first: bool,
    /// How a tax number begins and how many digits follow; no digits: none is printed.
    pub(in crate::server::seed) tax_id: (&'static str, usize),
    /// How VAT is charged.
    pub(in crate::server::seed) vat: Vat,
}

/// How VAT is charged to a company. The seller of the demo is established in Germany and registered in the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server::seed) enum Vat {
    /// At a rate in basis points, whoever buys.
    Charged(i32),
    /// At a rate in basis points, except to a buyer with a VAT number, who owes it himself.
    ReverseCharge(i32),
    /// Outside the scope of VAT.
    None,
}

/// The note that article 226 (11a) of directive 2006/112/EC asks for.
pub(in crate::server::seed) const REVERSE_CHARGE: &str =
    "Reverse charge: VAT is owed by the recipient (Articles 44 and 196, Directive 2006/112/EC).";

/// The countries of the demo; the shares add up to 100.
pub(in crate::server::seed) const COUNTRIES: [Country; 6] = [
    Country {
        code: "US",
        share: 38,
        legal_form: "Inc.",
        cities: &[
            ("Austin, TX", "78701"),
            ("Boston, MA", "02110"),
            ("Chicago, IL", "60601"),
            ("Denver, CO", "80202"),
            ("Portland, OR", "97204"),
            ("Seattle, WA", "98101"),
        ],
        streets: &["Market Street", "Pine Street", "Congress Avenue", "Lake Street", "Broadway", "Main Street"],
        number_first: true,
        tax_id: ("", 0),
        vat: Vat::None,
    },
    Country {
        code: "DE",
        share: 24,
        legal_form: "GmbH",
        cities: &[
            ("Berlin", "10115"),
            ("Hamburg", "20095"),
            ("Köln", "50667"),
            ("Leipzig", "04109"),
            ("München", "80331"),
            ("Stuttgart", "70173"),
        ],
        streets: &["Torstraße", "Lindenallee", "Bahnhofstraße", "Hafenstraße", "Schillerplatz", "Gartenweg"],
        number_first: false,
        tax_id: ("DE", 9),
        vat: Vat::Charged(1_900),
    },
    Country {
        code: "GB",
        share: 16,
        legal_form: "Ltd",
        cities: &[("London", "EC1A 1BB"), ("Manchester", "M1 1AE"), ("Bristol", "BS1 4DJ"), ("Leeds", "LS1 4AP"), ("Edinburgh", "EH1 1YZ")],
        streets: &["High Street", "Victoria Road", "Mill Lane", "Castle Street", "Queen Street"],
        number_first: true,
        tax_id: ("GB", 9),
        vat: Vat::Charged(2_000),
    },
    Country {
        code: "FR",
        share: 10,
        legal_form: "SAS",
        cities: &[("Paris", "75002"), ("Lyon", "69002"), ("Nantes", "44000"), ("Toulouse", "31000")],
        streets: &["rue de la République", "avenue Victor Hugo", "rue des Lilas", "quai de la Fosse"],
        number_first: true,
        tax_id: ("FR", 11),
        vat: Vat::ReverseCharge(2_000),
    },
    Country {
        code: "NL",
        share: 7,
        legal_form: "B.V.",
        cities: &[("Amsterdam", "1012 JS"), ("Rotterdam", "3011 AA"), ("Utrecht", "3511 AX")],
        streets: &["Keizersgracht", "Stationsplein", "Oudegracht", "Coolsingel"],
        number_first: false,
        tax_id: ("NL", 11),
        vat: Vat::ReverseCharge(2_100),
    },
    Country {
        code: "ES",
        share: 5,
        legal_form: "S.L.",
        cities: &[("Madrid", "28001"), ("Barcelona", "08002"), ("Valencia", "46001")],
        streets: &["Calle Mayor", "Calle de Alcalá", "Passeig de Gràcia"],
        number_first: false,
        tax_id: ("ESB", 8),
        vat: Vat::ReverseCharge(2_100),
    },
];
