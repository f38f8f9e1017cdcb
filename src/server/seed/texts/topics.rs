//! What customers write to support about, and what they are answered. `{…}` is filled in for each ticket.

/// One reason to write.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::server::seed) struct Topic {
    /// Of all tickets, in tenths of a per cent.
    pub(in crate::server::seed) weight: i64,
    /// What the subject line says.
    pub(in crate::server::seed) subjects: &'static [&'static str],
    /// What the first message says.
    pub(in crate::server::seed) bodies: &'static [&'static str],
    /// What Mia answers.
    pub(in crate::server::seed) answers: &'static [&'static str],
}

/// What the portal makes unnecessary: six tickets in ten.
pub(in crate::server::seed) const SELF_SERVICE: [Topic; 8] = [
    Topic {
        weight: 130,
        subjects: &[
            "Please update our billing email",
            "Change billing contact to {address}",
            "Invoices go to someone who left",
            "New accounts payable address",
            "Billing e-mail change for {company}",
            "Wrong recipient on our invoices",
            "Can you send invoices to {address} from now on?",
            "Update billing email before the next invoice",
        ],
        bodies: &[
            "Our finance team has moved to a shared mailbox. Could you change the billing e-mail to {address}?",
            "{colleague} has left {company}, and invoices still go to the old address. Please use {address} instead.",
            "We only want invoices at {address}. At the moment they arrive in my personal inbox and I forward them every month.",
            "Please replace our billing contact with {address}. The rest of the account stays as it is.",
        ],
        answers: &[
            "Done: invoices go to {address} from now on. You can change this yourself under Account at any time.",
            "I have changed the billing e-mail to {address}. The next invoice on the {day}. of the month will already go there.",
        ],
    },
    Topic {
        weight: 120,
        subjects: &[
            "Invoice for {month}",
            "Copy of the {month} invoice, please",
            "Cannot find last month's invoice",
            "Need PDF of invoice {number}",
            "Missing invoice for {month}",
            "Please resend {number}",
            "Invoices for the last quarter for our auditor",
            "Receipt for {month}",
        ],
        bodies: &[
            "I need the PDF of our {month} invoice for bookkeeping. Could you send it again?",
            "Our accountant is closing {month} and says invoice {number} is missing. Can you send a copy?",
            "We did not receive an invoice in {month}. The card was charged, so it must exist. Could you check?",
            "The auditor asks for all invoices of the last three months as PDF. One mail with all of them would be fine.",
        ],
        answers: &[
            "The PDF is attached. You also find every invoice under Billing, with a download button beside it.",
            "It went to the billing address on the {day}. I have sent it once more; you can download it under Billing as well.",
        ],
    },
    Topic {
        weight: 110,
        subjects: &[
            "Add {colleague} to our account",
            "New team member",
            "Please invite {colleague}",
            "Access for a new colleague",
            "Add three people to the team",
            "Invitation to {colleague} has expired",
            "{colleague} did not get the invitation",
            "Another seat for {company}",
        ],
        bodies: &[
            "{colleague} starts with us on Monday and needs access. The address is {address}. A normal member role is enough.",
            "Could you add {address} as a developer? They will look after our integration.",
            "I invited {colleague} last week, but the link has expired. Please send a new one.",
            "We have two new people in operations. How do I add them without giving them access to billing?",
        ],
        answers: &[
            "The invitation is on its way to {address}. The link works for seven days.",
            "Added. Under Team you can invite people yourself and choose a role for each; the Member role does not see billing.",
        ],
    },
    Topic {
        weight: 90,
        subjects: &[
            "Rotate our API key",
            "API key leaked in a commit",
            "Need a new API key",
            "Please revoke the key {prefix}",
            "Lost our API key",
            "How do we rotate keys without downtime?",
            "Key {prefix} no longer needed",
            "New key for {system}",
        ],
        bodies: &[
            "Our security review asks us to rotate all keys every 90 days. Can you issue a new one and leave the old one on for a day?",
            "Somebody pushed the key beginning with {prefix} to a public repository. Please revoke it right away.",
            "We have lost the secret of the key that {system} uses. How do we get a new one?",
            "The key {prefix} belonged to a contractor. It can be deleted.",
        ],
        answers: &[
            "I have issued a new key. We never send secrets by mail: you find it under API keys, shown once.",
            "Revoked: the key {prefix} is refused from now on. If {system} still uses it, create a new one under API keys first.",
        ],
    },
    Topic {
        weight: 60,
        subjects: &[
            "{colleague} has left the company",
            "Remove a user",
            "Please deactivate {colleague}",
            "Change role of {colleague} to admin",
            "Make {colleague} an owner",
            "Remove access for a contractor",
        ],
        bodies: &[
            "{colleague} left us yesterday. Please remove the access today.",
            "I am handing over to {colleague}. Could you make them an owner of the account?",
            "The contractor's project is over, please remove {address}.",
        ],
        answers: &[
            "{colleague} no longer has access, and open sessions have ended.",
            "Done. Owners and admins can change roles and remove people under Team.",
        ],
    },
    Topic {
        weight: 40,
        subjects: &[
            "How many API calls are left this month?",
            "Are we close to our limit?",
            "Usage for {month}",
            "What happens at 100 %?",
            "Storage usage by month",
        ],
        bodies: &[
            "We expect a busy week. How many calls do we have left, and what happens when we reach the limit?",
            "Could you send us our API usage for {month}? We charge it to our departments.",
            "Is there a way to see how our storage has grown over the year?",
        ],
        answers: &["You can see calls, storage and people against your plan under Usage, month by month for the last thirteen months."],
    },
    Topic {
        weight: 30,
        subjects: &["Upgrade to Pro", "We want to move to Enterprise", "Upgrade before the end of the month", "Which plan fits us?"],
        bodies: &[
            "We are close to the limit and want the next plan today, if possible without a call with sales.",
            "{company} has grown to {count} people. Which plan do we need, and what does it cost from when?",
        ],
        answers: &["You are on the new plan now, and the limits apply at once. Next time you can do this under Billing."],
    },
    Topic {
        weight: 20,
        subjects: &["Our company name has changed", "Wrong company name on invoices", "New contact address for {company}"],
        bodies: &[
            "After a merger our legal name has changed. Could you update it before the next invoice?",
            "Please use {address} as our main contact instead of mine.",
        ],
        answers: &["Changed. New invoices carry the new details; issued invoices stay as they are, as the law requires."],
    },
];

/// What needs a person.
pub(in crate::server::seed) const PRODUCT: [Topic; 8] = [
    Topic {
        weight: 80,
        subjects: &[
            "429 responses since this morning",
            "Are there rate limits per key?",
            "Rate limit on {endpoint}",
            "Bursts are rejected",
        ],
        bodies: &[
            "Since about 07:30 UTC one request in ten to {endpoint} answers 429, although we are far below our plan. Is there a limit per second?",
            "{system} sends short bursts of {count} requests. Some are rejected. What is the right way to back off?",
        ],
        answers: &[
            "Each key may send 100 requests a second. Please honor Retry-After; with {count} requests spread over two seconds nothing is rejected.",
        ],
    },
    Topic {
        weight: 70,
        subjects: &[
            "500 error on {endpoint}",
            "{endpoint} times out",
            "Intermittent errors from {endpoint}",
            "Requests hang for 30 seconds",
        ],
        bodies: &[
            "About 2 % of our calls to {endpoint} end with a 500. One request id is {prefix}-{count}. It started in {month}.",
            "Calls to {endpoint} with more than {count} rows time out after 30 seconds. Smaller ones work.",
        ],
        answers: &[
            "Thank you for the request id. A slow query caused this; the fix went out today. Could you tell me if you still see it?",
        ],
    },
    Topic {
        weight: 60,
        subjects: &[
            "Export stops at {count} rows",
            "CSV export has the wrong encoding",
            "Nightly export did not run",
            "Export of {month} incomplete",
        ],
        bodies: &[
            "The export of {month} stops after {count} rows without an error. The file ends in the middle of a day.",
            "Umlauts in the CSV export arrive broken in Excel. Is there a setting for the encoding?",
        ],
        answers: &[
            "The export continues in a second file when it is larger than 50 MB. I have switched your account to one archive per month.",
        ],
    },
    Topic {
        weight: 50,
        subjects: &[
            "Webhook signature does not match",
            "Webhooks arrive twice",
            "No webhooks since {month}",
            "Which addresses do webhooks come from?",
        ],
        bodies: &[
            "We verify the signature as documented, and since we changed servers it never matches. What exactly is signed?",
            "Every delivery arrives twice, a few seconds apart, with the same id. Is this on purpose?",
        ],
        answers: &[
            "Deliveries are at least once, so please drop an id you have seen. The signature covers the raw body: check that nothing reformats the JSON before you verify it.",
        ],
    },
    Topic {
        weight: 50,
        subjects: &[
            "Single sign-on with Okta",
            "Do you support SAML?",
            "Sign-in loop after password change",
            "Two-factor authentication lost",
        ],
        bodies: &[
            "Our security team requires single sign-on for every tool. Do you support SAML with our identity provider?",
            "{colleague} has a new phone and cannot sign in any more. How can we reset the second factor?",
        ],
        answers: &["I have sent the owner of your account a confirmation first; as soon as it is there, we go on."],
    },
    Topic {
        weight: 45,
        subjects: &["Where is our data stored?", "Data processing agreement", "Security questionnaire", "SOC 2 report"],
        bodies: &[
            "For our yearly review we need the data processing agreement and the list of sub-processors.",
            "Please fill in the attached questionnaire with {count} questions. Our deadline is the end of the month.",
        ],
        answers: &["The agreement and the list are attached, signed by us. Please return a signed copy."],
    },
    Topic {
        weight: 25,
        subjects: &["Feature request: filter by tag", "Dark mode for reports", "Can we schedule reports?", "Suggestion for the dashboard"],
        bodies: &["We look at the same report for {count} projects every Monday. A schedule and a filter would save us an hour a week."],
        answers: &["Thank you, I have added your vote. I will write to you here when there is something to try."],
    },
    Topic {
        weight: 20,
        subjects: &[
            "Question about VAT on {number}",
            "Charged twice in {month}",
            "Refund for unused days",
            "Payment failed, card is valid",
        ],
        bodies: &[
            "Invoice {number} shows VAT although we gave you our VAT number. Can you correct it?",
            "Our card statement shows two charges in {month}. One of them must be a mistake.",
        ],
        answers: &[
            "I have looked at {number}: you are right. The correction is on its way and the difference returns to your card within five days.",
        ],
    },
];

/// How a message begins.
pub(in crate::server::seed) const GREETINGS: [&str; 6] = ["Hi,", "Hello,", "Hi Mia,", "Hello support team,", "Good morning,", "Hi there,"];

/// How a message ends; the name follows.
pub(in crate::server::seed) const CLOSINGS: [&str; 6] =
    ["Thanks,", "Best,", "Kind regards,", "Many thanks in advance,", "Cheers,", "Thank you,"];

/// What a customer writes back.
pub(in crate::server::seed) const THANKS: [&str; 6] = [
    "Perfect, thank you for the quick answer.",
    "That works, thanks. You can close this.",
    "Great, I can see it now.",
    "Thank you! Good to know that we can do this ourselves.",
    "Thanks. Is this also possible for our second account?",
    "I have checked, and it is still the same on our side. Could you look again?",
];

/// Programs of customers.
pub(in crate::server::seed) const SYSTEMS: [&str; 8] = [
    "the nightly export",
    "our mobile app",
    "Zapier",
    "the data warehouse",
    "our CI",
    "the web shop",
    "our reporting job",
    "the import script",
];

/// Paths of the product's API.
pub(in crate::server::seed) const ENDPOINTS: [&str; 8] =
    ["/v1/events", "/v1/reports", "/v1/exports", "/v1/segments", "/v1/queries", "/v1/imports", "/v1/dashboards", "/v1/users"];
