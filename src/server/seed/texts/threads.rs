//! The latest conversations of Northwind Analytics, written out because they are the ones a newcomer opens.

/// A conversation; the first message is the customer's.
pub(in crate::server::seed) struct Thread {
    /// What it is about.
    pub(in crate::server::seed) subject: &'static str,
    /// The address of who opened it.
    pub(in crate::server::seed) by: &'static str,
    /// When it was opened.
    pub(in crate::server::seed) hours_ago: i64,
    /// `open`, `pending` or `closed`.
    pub(in crate::server::seed) status: &'static str,
    /// Customer and staff in turn, the customer first.
    pub(in crate::server::seed) messages: &'static [&'static str],
}

/// Newest first.
pub(in crate::server::seed) const NORTHWIND: [Thread; 10] = [
    Thread {
        subject: "What happens when we reach 500,000 calls?",
        by: "dev@northwind.example",
        hours_ago: 3,
        status: "open",
        messages: &[
            "Hi,\n\nwe are at 90 % and the month is not over. Are calls rejected at the limit, or billed on top? We have a launch on Friday and would like to know before.\n\nThanks,\nDev",
        ],
    },
    Thread {
        subject: "Webhook deliveries arrive twice",
        by: "dev@northwind.example",
        hours_ago: 27,
        status: "pending",
        messages: &[
            "Hi Mia,\n\nsince yesterday every delivery to our ingest endpoint arrives twice, a few seconds apart and with the same id. We answer 200 within 80 ms.\n\nDev",
            "Hi Dev,\n\nthank you for the ids. Your endpoint answered 200, but the connection was closed before we had read the answer, so we delivered again. Could you check whether your proxy closes idle connections after a second?\n\nMia",
        ],
    },
    Thread {
        subject: "Add a purchase order number to invoices",
        by: "bella@northwind.example",
        hours_ago: 76,
        status: "open",
        messages: &[
            "Hello,\n\nfrom January on our purchasing asks for an order number on every invoice. Ours is PO-2027-0113. Where can we enter it?\n\nKind regards,\nBella",
            "Hello Bella,\n\nI can add it as a line of your billing address, so that it is printed on each invoice. Shall I?\n\nMia",
            "Yes, please. From the January invoice on.\n\nBella",
        ],
    },
    Thread {
        subject: "Report of October differs from the dashboard",
        by: "adam@northwind.example",
        hours_ago: 190,
        status: "closed",
        messages: &[
            "Hi,\n\nthe monthly report counts 312 sessions fewer than the dashboard for October. Which of the two is right?\n\nAdam",
            "Hi Adam,\n\nboth: the report ends at midnight UTC and the dashboard at midnight in Berlin. I have switched your report to Berlin time.\n\nMia",
            "That explains it. Thank you!\n\nAdam",
        ],
    },
    Thread {
        subject: "Invoice copy for September",
        by: "bella@northwind.example",
        hours_ago: 402,
        status: "closed",
        messages: &[
            "Hello,\n\nour accountant is missing the September invoice. Could you send it once more?\n\nBella",
            "Hello Bella,\n\nit is attached. You can also download every invoice under Billing.\n\nMia",
        ],
    },
    Thread {
        subject: "Can we restrict a key to reading?",
        by: "dev@northwind.example",
        hours_ago: 560,
        status: "closed",
        messages: &[
            "Hi,\n\nour reporting job only reads. Can a key be limited to that?\n\nDev",
            "Hi Dev,\n\nnot yet. For now, use a key of its own for the job, so that you can revoke it without touching anything else.\n\nMia",
        ],
    },
    Thread {
        subject: "New colleague needs access",
        by: "olivia@northwind.example",
        hours_ago: 811,
        status: "closed",
        messages: &[
            "Hi Mia,\n\nMo joins us on Monday. Please give him access as a member.\n\nOlivia",
            "Hi Olivia,\n\ndone, the invitation is on its way. You can invite people yourself under Team.\n\nMia",
        ],
    },
    Thread {
        subject: "Storage grew by 4 GB overnight",
        by: "adam@northwind.example",
        hours_ago: 1_050,
        status: "closed",
        messages: &[
            "Hi,\n\nstorage jumped by 4 GB between Tuesday and Wednesday. We did not import anything.\n\nAdam",
            "Hi Adam,\n\na retry wrote one export several times. I have removed the copies, and the space is free again.\n\nMia",
            "Confirmed, thank you.\n\nAdam",
        ],
    },
    Thread {
        subject: "Change of our billing e-mail",
        by: "bella@northwind.example",
        hours_ago: 1_340,
        status: "closed",
        messages: &[
            "Hello,\n\nplease send invoices to invoices@northwind.example from now on.\n\nBella",
            "Hello Bella,\n\nchanged. The next invoice goes there.\n\nMia",
        ],
    },
    Thread {
        subject: "Data processing agreement",
        by: "olivia@northwind.example",
        hours_ago: 1_720,
        status: "closed",
        messages: &[
            "Hi,\n\nfor our yearly review I need the signed agreement and your list of sub-processors.\n\nOlivia",
            "Hi Olivia,\n\nboth are attached, signed by us.\n\nMia",
        ],
    },
];
