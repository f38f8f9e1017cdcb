//! Support tickets of the last three months, with the answers.

use time::{Duration, OffsetDateTime};

use super::calendar::{days_before, stamp, weekday_weight};
use super::company::{Company, Person};
use super::random::Random;
use super::rows::{Rows, TicketMessageRow, TicketRow};
use super::texts::people::{FIRST_NAMES, LAST_NAMES};
use super::texts::threads::{NORTHWIND, Thread};
use super::texts::topics::{CLOSINGS, ENDPOINTS, GREETINGS, PRODUCT, SELF_SERVICE, SYSTEMS, THANKS, Topic};
use crate::plan::Plan;

/// The days that the tickets go back.
const DAYS: i64 = 91;

/// Writes `a_month` tickets for each of the last three months.
pub(super) fn write(companies: &[Company], a_month: usize, staff: &Person, rows: &mut Rows, now: OffsetDateTime) {
    if let Some(northwind) = companies.first() {
        for thread in &NORTHWIND {
            written_out(northwind, thread, staff, rows, now);
        }
    }
    // Who pays more, asks more; each entry is one chance to be the one who writes.
    let others = companies.iter().skip(1).flat_map(|company| {
        let chances = match company.plan {
            Plan::Free => 1,
            Plan::Pro => 4,
            Plan::Enterprise => 12,
        };
        std::iter::repeat_n(company, chances)
    });
    let chances: Vec<&Company> = others.collect();
    for index in 0..a_month * 3 {
        let mut random = Random::of("ticket", index);
        let at = usize::try_from(random.between(0, i64::try_from(chances.len()).unwrap_or(1) - 1)).unwrap_or(0);
        if let Some(company) = chances.get(at) {
            ticket(company, staff, &mut random, rows, now);
        }
    }
}

fn ticket(company: &Company, staff: &Person, random: &mut Random, rows: &mut Rows, now: OffsetDateTime) {
    let Some(author) = company.someone(random) else { return };
    let topic = topic(random);
    let fill = Fill::of(company, random, now);
    let created_at = working_day(random, now);
    let age = now - created_at;
    let answered_at = created_at + Duration::minutes(random.between(25, 60 * 9));
    let reply_at = answered_at + Duration::minutes(random.between(10, 60 * 20));
    let answered = answered_at < now && (age > Duration::days(1) || random.chance(60));
    let replied = answered && reply_at < now && random.chance(45);
    let closed = answered && age > Duration::hours(20) && (age > Duration::days(12) || random.chance(82));
    let draft = Draft {
        id: format!("ticket-{}", random.hex::<6>()),
        company,
        subject: fill.apply(random.pick(topic.subjects)),
        status: match (closed, answered, replied) {
            (true, ..) => "closed",
            (false, true, false) => "pending",
            _ => "open",
        },
        author,
        created_at,
    };
    let body = fill.apply(random.pick(topic.bodies));
    let first_name = author.name.split(' ').next().unwrap_or_default();
    let mut messages =
        vec![(created_at, true, format!("{}\n\n{body}\n\n{}\n{first_name}", random.pick(&GREETINGS), random.pick(&CLOSINGS)))];
    if answered {
        let answer = fill.apply(random.pick(topic.answers));
        messages.push((answered_at, false, format!("Hi {first_name},\n\n{answer}\n\nKind regards,\nMia")));
    }
    if replied {
        messages.push((reply_at, true, random.pick(&THANKS).to_owned()));
    }
    draft.write(messages, staff, random, rows);
}

fn written_out(company: &Company, thread: &Thread, staff: &Person, rows: &mut Rows, now: OffsetDateTime) {
    let mut random = Random::of("thread", usize::try_from(thread.hours_ago).unwrap_or(0));
    let Some(author) = company.people.iter().find(|person| person.email == thread.by) else { return };
    let created_at = now - Duration::hours(thread.hours_ago) - Duration::minutes(random.between(1, 50));
    let draft = Draft {
        id: format!("ticket-{}", random.hex::<6>()),
        company,
        subject: thread.subject.to_owned(),
        status: thread.status,
        author,
        created_at,
    };
    let messages = (0_i64..).zip(thread.messages).map(|(turn, text)| {
        let at = created_at + Duration::minutes(turn * random.between(70, 200));
        (at.min(now), turn % 2 == 0, (*text).to_owned())
    });
    let messages = messages.collect();
    draft.write(messages, staff, &mut random, rows);
}

/// A ticket before it is written down.
struct Draft<'a> {
    id: String,
    company: &'a Company,
    subject: String,
    status: &'static str,
    author: &'a Person,
    created_at: OffsetDateTime,
}

impl Draft<'_> {
    fn write(self, messages: Vec<(OffsetDateTime, bool, String)>, staff: &Person, random: &mut Random, rows: &mut Rows) {
        let last_at = messages.last().map_or(self.created_at, |(at, ..)| *at);
        rows.tickets.push(TicketRow {
            ticket_id: self.id.clone(),
            customer_id: self.company.id,
            subject: self.subject,
            status: self.status,
            opened_by: self.author.id,
            created_at: stamp(self.created_at),
            updated_at: stamp(last_at),
            closed_at: (self.status == "closed").then(|| stamp(last_at)),
        });
        for (at, from_customer, content) in messages {
            let author = if from_customer { self.author } else { staff };
            rows.ticket_messages.push(TicketMessageRow {
                message_id: random.uuid(at),
                ticket_id: self.id.clone(),
                customer_id: self.company.id,
                content,
                from_customer,
                author_id: author.id,
                author_name: author.name.clone(),
                created_at: stamp(at),
            });
        }
    }
}

fn topic(random: &mut Random) -> Topic {
    let topics = SELF_SERVICE.iter().chain(&PRODUCT);
    let mut left = random.between(1, topics.clone().map(|topic| topic.weight).sum());
    topics
        .copied()
        .find(|topic| {
            left -= topic.weight;
            left <= 0
        })
        .unwrap_or_default()
}

/// A moment on one of the last days; weekends are quiet.
fn working_day(random: &mut Random, now: OffsetDateTime) -> OffsetDateTime {
    loop {
        let day = days_before(now, random.between(0, DAYS - 1)).date();
        let moment = random.working_hours(day, now - Duration::minutes(4));
        if moment < now && random.between(1, 100) <= weekday_weight(day) {
            return moment;
        }
    }
}

/// What stands for `{…}` in one ticket.
struct Fill(Vec<(&'static str, String)>);

impl Fill {
    fn of(company: &Company, random: &mut Random, now: OffsetDateTime) -> Self {
        let (first, last) = (random.pick(&FIRST_NAMES), random.pick(&LAST_NAMES));
        let mailbox = random.pick(&["billing", "accounts", "finance", "ap", "invoices", "purchasing", "office"]);
        let month = super::calendar::first_of_month(now.date(), i32::try_from(random.between(0, 3)).unwrap_or(1));
        Self(vec![
            ("{address}", format!("{mailbox}@{}", company.domain)),
            ("{colleague}", format!("{first} {last}")),
            ("{company}", company.name.clone()),
            ("{month}", month.month().to_string()),
            ("{number}", format!("INV-{}-{:06}", month.year(), random.between(1_000, 19_000))),
            ("{prefix}", random.hex::<4>()),
            ("{system}", random.pick(&SYSTEMS).to_owned()),
            ("{endpoint}", random.pick(&ENDPOINTS).to_owned()),
            ("{count}", random.pick(&["40", "60", "120", "200", "350", "1000"]).to_owned()),
            ("{day}", company.anchor.to_string()),
        ])
    }

    fn apply(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}
