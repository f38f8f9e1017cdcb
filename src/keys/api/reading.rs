//! What the pages of keys show.

use leptos::{prelude::*, server_fn::codec::GetUrl};

#[cfg(feature = "ssr")]
use {
    super::handover,
    crate::{
        access::Permission,
        ids::KeyId,
        keys::{
            model::{
                CallsFrom, Catalogue, Choices, CreatedKey, Environment, Expiry, Key, KeyState, Life, Limits, OldUse, ROWS_OF_A_REASON,
                Related, Search, Secret, calls, explain, masked, more_addresses, readable, states,
            },
            store::{self, DetailRow, KeyRow, Wanted},
        },
        number::grouped,
        page::{Page, PageNumber},
        server::caller::Caller,
        when::{Day, When},
    },
    sqlx::PgConnection,
    time::{Duration, OffsetDateTime},
};

use crate::{
    error::AppError,
    keys::model::{KeyDetail, KeyList},
};

/// Keys on a page.
#[cfg(feature = "ssr")]
const PER_PAGE: u32 = 25;

/// How far back refused calls are shown.
#[cfg(feature = "ssr")]
const REFUSALS: Duration = Duration::days(7);

/// The most addresses shown that still use a key.
#[cfg(feature = "ssr")]
const USERS: i64 = 10;

/// One page of the keys: those in a state (a word of `STATE_FILTERS`), of an environment, with a text in their name or with
/// this beginning.
#[server(prefix = "/api", endpoint = "keys/list", input = GetUrl)]
pub async fn list_keys(
    #[server(default)] state: String,
    #[server(default)] environment: String,
    #[server(default)] search: String,
    #[server(default)] page: Option<u32>,
) -> Result<KeyList, AppError> {
    let caller = Caller::require(Permission::ViewKeys).await?;
    let (config, now) = (&caller.state().config, caller.now());
    let number = PageNumber::new(page.unwrap_or(1));
    let search = Search::parse(&search);
    let environment: Option<Environment> = environment.parse().ok();
    let wanted = Wanted {
        states: states(&state),
        environment,
        search: &search,
        limit: PER_PAGE.into(),
        offset: number.offset(PER_PAGE),
        only: None,
    };
    let mut read = caller.read().await?;
    let rows = store::list(&mut read, caller.customer_id(), &wanted, now).await?;
    let total = rows.first().map_or(0, |row| row.total);
    let rows: Vec<Key> = rows.into_iter().map(|row| key(row, now)).collect();
    let narrowed = !state.is_empty() || environment.is_some() || !search.text.is_empty() || number.get() > 1;
    let others = rows.is_empty() && !narrowed && store::has_keys(&mut read, caller.customer_id()).await?;
    let manages = caller.can(Permission::ManageKeys);
    Ok(KeyList {
        created: handed_over(&caller, &mut read).await?,
        narrowed,
        others,
        keys: Page::new(rows, number, PER_PAGE, total),
        manages,
        choices: choices(&config.key_scopes, now),
    })
}

/// One key: its settings, its use, and why calls with it are refused.
#[server(prefix = "/api", endpoint = "keys/find", input = GetUrl)]
pub async fn find_key(#[server(default)] id: String) -> Result<KeyDetail, AppError> {
    let caller = Caller::require(Permission::ViewKeys).await?;
    let id: KeyId = id.parse().map_err(|_| AppError::NotFound)?;
    let (config, customer, now) = (&caller.state().config, caller.customer_id(), caller.now());
    let mut read = caller.read().await?;
    let wanted = Wanted { only: Some(&id), states: states("all"), environment: None, search: &Search::default(), limit: 1, offset: 0 };
    let row = store::list(&mut read, customer, &wanted, now).await?.pop().ok_or(AppError::NotFound)?;
    let detail = store::find_detail(&mut read, customer, &id, now).await?.ok_or(AppError::NotFound)?;
    let refused = store::refused_since(&mut read, customer, &id, now - REFUSALS, ROWS_OF_A_REASON).await?;
    let today = store::calls_since(&mut read, customer, &id, now - Duration::DAY, USERS).await?;
    // A call that was refused is one, too: its program would fail for good without the key.
    let last_call_at = row.last_used_at.max(today.first().map(|row| row.last_at)).max(refused.first().map(|row| row.last_at));
    let life = row.life();
    let hours = hours(&row.hours, now);
    let key = key(row, now);
    let limits = Limits::stored(detail.scopes.clone(), detail.allowed_networks.clone(), detail.calls_per_minute);
    let offered = config.key_scopes.offered(limits.scopes.as_deref().unwrap_or_default());
    Ok(KeyDetail {
        manages: caller.can(Permission::ManageKeys),
        scopes: scope_words(&detail, &config.key_scopes),
        networks: limits.networks.iter().map(|network| readable(network).to_owned()).collect(),
        calls_per_minute: limits.calls_per_minute.map(|calls| grouped(calls.into())).unwrap_or_default(),
        choices: Choices { scopes: offered, ..choices(&config.key_scopes, now) },
        use_now: use_now(&key, &today, now),
        is_last: detail.alone && key.environment == Environment::Live && key.state.is_accepted(),
        hours,
        refused: explain(&refused, key.state, &limits, key.successor.as_ref().map(|key| &key.id), now),
        old_use: (key.state == KeyState::Ending).then(|| old_use(last_call_at, &life, &today, now)),
        created: handed_over(&caller, &mut read).await?,
        chosen: detail.scopes.unwrap_or_default(),
        revoked_reason: detail.revoked_reason.unwrap_or_default(),
        leaked: detail.leaked.then(|| detail.leaked_url.unwrap_or_default()),
        key,
    })
}

/// The secret of a key that was just made by a form without JavaScript, with the name of that key.
#[cfg(feature = "ssr")]
async fn handed_over(caller: &Caller, connection: &mut PgConnection) -> Result<Option<CreatedKey>, AppError> {
    let config = &caller.state().config;
    let secret = handover(caller).take(config).and_then(|text| Secret::parse(&config.key_brand, &text));
    let Some(secret) = secret else { return Ok(None) };
    let name = store::find_name(connection, caller.customer_id(), &secret).await?;
    Ok(name.map(|name| CreatedKey { name, secret: secret.reveal().to_owned() }))
}

#[cfg(feature = "ssr")]
fn key(row: KeyRow, now: OffsetDateTime) -> Key {
    let life = row.life();
    let total: i64 = row.hours.iter().sum();
    let related = |id: Option<KeyId>, prefix: Option<String>, last_four: Option<String>| {
        Some(Related { id: id?, masked: masked(&prefix?, last_four.as_deref()) })
    };
    Key {
        successor: related(row.successor, row.successor_prefix, row.successor_last_four),
        predecessor: related(row.predecessor, row.predecessor_prefix, row.predecessor_last_four),
        masked: masked(&row.prefix, row.last_four.as_deref()),
        id: row.key_id,
        name: row.name,
        environment: row.environment.parse().unwrap_or_default(),
        state: life.state(now),
        created_by: row.created_by,
        created: When::new(row.created_at, now),
        last_used: row.last_used_at.map(|at| When::new(at, now)),
        last_ip: row.last_used_ip.unwrap_or_default(),
        ends: life.revoked_at.or(life.ends_at()).map(|at| When::new(at, now)),
        hours: row.hours,
        calls: if total == 0 { "No calls".to_owned() } else { calls(total) },
        refused: if row.refused == 0 { String::new() } else { format!("{} refused", grouped(row.refused)) },
    }
}

/// What can be chosen for a key; the ends with the day on which they fall.
#[cfg(feature = "ssr")]
fn choices(catalogue: &Catalogue, now: OffsetDateTime) -> Choices {
    let expiries = Expiry::ALL.into_iter().map(|expiry| {
        let recommended = if expiry == Expiry::Days(90) { ", recommended" } else { "" };
        let label = match (expiry, expiry.seconds().map(|seconds| now + Duration::seconds(seconds))) {
            (_, None) => expiry.label(),
            (Expiry::Hour, Some(end)) => format!("{} ({})", expiry.label(), When::new(end, now).exact),
            (_, Some(end)) => format!("{} (until {}{recommended})", expiry.label(), Day::from(end.date()).text),
        };
        (expiry.word(), label)
    });
    Choices { scopes: catalogue.entries().to_vec(), expiries: expiries.collect() }
}

#[cfg(feature = "ssr")]
fn scope_words(detail: &DetailRow, catalogue: &Catalogue) -> Option<Vec<String>> {
    Some(detail.scopes.as_ref()?.iter().map(|scope| catalogue.words(scope).to_owned()).collect())
}

/// The calls of each of the last 24 hours, with the hour in words.
#[cfg(feature = "ssr")]
fn hours(values: &[i64], now: OffsetDateTime) -> Vec<(String, i64)> {
    let hour = |back: usize| (store::first_hour(now) + Duration::hours(i64::try_from(back).unwrap_or(0))).hour();
    values.iter().enumerate().map(|(index, calls)| (format!("{:02}:00", hour(index)), *calls)).collect()
}

/// How a key is used, as a fact to weigh before it is taken away. Its calls are those of the hours that the chart shows.
#[cfg(feature = "ssr")]
fn use_now(key: &Key, today: &[CallsFrom], now: OffsetDateTime) -> String {
    let total: i64 = key.hours.iter().sum();
    let counted = if total == 0 { "no calls".to_owned() } else { calls(total) };
    let since = When::new(store::first_hour(now), now).exact;
    let refused = today.first().map_or(0, |row| row.refused_in_all);
    let used = match &key.last_used {
        None if refused > 0 => "No call with it was ever let in.".to_owned(),
        None => "No program has ever used it.".to_owned(),
        Some(when) if key.last_ip.is_empty() => format!("Last used {}; {counted} since {since}.", when.relative),
        Some(when) => format!("Last used {} from {}; {counted} since {since}.", when.relative, key.last_ip),
    };
    if refused > 0 { format!("{used} Refused in the last 24 hours: {}.", calls(refused)) } else { used }
}

/// Who still uses a key in its overlap. By the moment of the last call and not by whole hours: a job that runs once a day has
/// called within the last 24 hours.
#[cfg(feature = "ssr")]
fn old_use(last_call_at: Option<OffsetDateTime>, life: &Life, today: &[CallsFrom], now: OffsetDateTime) -> OldUse {
    let from: Vec<_> = today.iter().map(|row| row.shown(now)).collect();
    let more = more_addresses(today.first().map_or(0, |row| row.addresses), &from);
    let idle = last_call_at.is_none_or(|at| now - at >= Duration::DAY);
    let verdict = match last_call_at {
        None => "Safe to revoke: no program has ever used it.".to_owned(),
        Some(at) if idle => format!("Safe to revoke: no calls for a day. The last one came {}.", When::new(at, now).relative),
        Some(_) => "Programs still call with this key. Put its successor into them before the overlap ends.".to_owned(),
    };
    let extend =
        life.worth_extending(now).map(|(overlap, end)| (overlap.as_str().to_owned(), format!("Extend to {}", When::new(end, now).exact)));
    OldUse { idle, from, more, verdict, extend }
}
