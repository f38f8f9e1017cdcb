//! What has gone on at the named customers since the demo was filled in, or last started: usage, invoices and the next billing
//! date of a demo that is kept, as the seed would have made them today.

use std::collections::HashMap;

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{
    calendar::first_of_month,
    company::Company,
    demo, invoices,
    rows::Rows,
    store::{self, Standing, UsageBatch},
    usage,
};

/// Brings the named customers to today, and answers whose usage was written anew. A customer whose first owner has left or
/// taken another address is no longer found, and left alone. A second time on the same day there is nothing to do.
pub(super) async fn renew(connection: &mut PgConnection, now: OffsetDateTime) -> sqlx::Result<Vec<Uuid>> {
    let companies = demo::companies(now, 1);
    let owners: Vec<String> = companies.iter().filter_map(owner).map(str::to_owned).collect();
    let mut standings: HashMap<String, Standing> =
        store::list_standings(connection, &owners).await?.into_iter().map(|standing| (standing.owner.clone(), standing)).collect();
    let kept: Vec<(Company, Standing)> = companies
        .into_iter()
        .filter_map(|company| owner(&company).and_then(|owner| standings.remove(owner)).map(|standing| (company, standing)))
        .collect();
    let renewed = renew_usage(connection, &kept, now).await?;
    renew_billing(connection, kept, now.date()).await?;
    Ok(renewed)
}

fn owner(company: &Company) -> Option<&str> {
    company.people.first().map(|owner| owner.email.as_str())
}

/// Writes the days since the last one. Its month goes along whole: it was not over when it was written, and the running month
/// of the seed is made so that it stands where it should on the day of the seed.
async fn renew_usage(connection: &mut PgConnection, kept: &[(Company, Standing)], now: OffsetDateTime) -> sqlx::Result<Vec<Uuid>> {
    let mut batch = UsageBatch::default();
    let mut renewed = vec![];
    for (company, standing) in kept {
        let Some(last_day) = standing.last_day.filter(|day| *day < now.date()) else { continue };
        usage::write(&Company { id: standing.customer_id, ..company.clone() }, first_of_month(last_day, 0), &mut batch, now);
        renewed.push(standing.customer_id);
    }
    store::delete_usage(connection, &batch).await?;
    store::insert_usage(connection, &batch).await?;
    Ok(renewed)
}

/// Issues the invoices whose day has come since the last one, on the plan that the customer has now, and moves the next
/// billing date past today.
async fn renew_billing(connection: &mut PgConnection, kept: Vec<(Company, Standing)>, today: Date) -> sqlx::Result<()> {
    let (companies, last_invoices): (Vec<Company>, Vec<Option<Date>>) = kept
        .into_iter()
        .map(|(company, standing)| {
            let plan = standing.plan.parse().unwrap_or(company.plan);
            let company = Company { id: standing.customer_id, plan, billing_email: standing.billing_email, ..company };
            (company, standing.last_invoice)
        })
        .unzip();
    let behind: Vec<(&Company, Date)> = companies
        .iter()
        .zip(last_invoices)
        .filter_map(|(company, last)| Some((company, last.filter(|last| *last < company.billing_day(today, 0))?)))
        .collect();
    if !behind.is_empty() {
        let last_numbers = store::list_last_numbers(connection).await?;
        let mut rows = Rows::default();
        invoices::write_after(&behind, last_numbers, &mut rows, today);
        store::insert_billing(connection, &rows).await?;
    }
    let (customers, next): (Vec<Uuid>, Vec<Date>) = companies.iter().map(|company| (company.id, company.billing_day(today, -1))).unzip();
    store::set_next_billing(connection, &customers, &next, today).await
}
