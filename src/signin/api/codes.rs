//! The way in without a password: a code by e-mail, entered in the browser that asked for it.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::{prelude::*, server_fn::codec::GetUrl};

#[cfg(feature = "ssr")]
use {
    super::{Identified, enter, same_time},
    crate::{
        field::EmailAddress,
        server::{
            browser_secret,
            caller::Visitor,
            entropy::sha256,
            forms,
            outbox::{self, Notification},
            rate_limit::{self, Limited},
        },
        signin::{events::Proof, model::Code, store},
    },
    leptos::server_fn::ServerFn,
    serde_json::json,
    time::Duration,
};

use crate::{
    error::AppError,
    signin::model::{AskCodeForm, EnterCodeForm, Landing},
};

/// How long a code works (ASVS 5.0, 6.5.5).
#[cfg(feature = "ssr")]
const LIFETIME: Duration = Duration::minutes(10);

/// Mails a code. The answer is the same whether the address is known or not, and takes the same time.
#[server(prefix = "/api", endpoint = "signin/ask_code")]
pub async fn ask_code(#[server(default)] form: AskCodeForm) -> Result<(), AppError> {
    let visitor = Visitor::of_request()?;
    let email = form.address()?;
    rate_limit::attempt(visitor.request(), Limited::Mail, email.as_str()).await?;
    same_time(send_code(&visitor, &form, &email)).await?;
    forms::redirect("/signin/code/enter");
    Ok(())
}

#[cfg(feature = "ssr")]
async fn send_code(visitor: &Visitor, form: &AskCodeForm, email: &EmailAddress) -> Result<(), AppError> {
    let (state, now) = (visitor.state(), visitor.now());
    let secret = state.entropy.hex::<32>();
    let code = Code::of_random(|end| state.entropy.below(end));
    let mut transaction = visitor.begin().await?;
    let person = store::find_person(&mut transaction, email).await?;
    let insert = store::CodeInsert {
        browser_hash: sha256(secret.as_bytes()),
        code_hash: code_hash(&secret, &code),
        user_id: person.as_ref().map(|person| person.user_id),
        keep: form.keep,
        next: forms::local_path(&form.next).unwrap_or("/"),
        created_at: now,
        expires_at: now + LIFETIME,
    };
    store::insert_code(&mut transaction, insert).await?;
    if let Some(person) = person {
        let link = state.config.link(&format!("/signin/code/enter?code={}", code.reveal()));
        let payload = json!({ "email": email, "name": person.name, "code": code.in_groups(), "codeUrl": link });
        outbox::insert(&mut transaction, None, &Notification::new("signin_code", payload), now, state.entropy.uuid(now)).await?;
    }
    transaction.commit().await?;
    browser_secret::keep(&state.config, &secret, LIFETIME);
    Ok(())
}

/// The form in which a code is stored. Six characters hold 30 bits, so they are never hashed alone (ASVS 5.0, 6.5.2): the
/// key is the browser's secret of 256 bits, of which the database holds only a hash, so its rows help nobody to guess.
#[cfg(feature = "ssr")]
fn code_hash(secret: &str, code: &Code) -> [u8; 32] {
    sha256(format!("{secret}:{}", code.reveal()).as_bytes())
}

/// Whether this browser has asked for a code that can still be entered. Looking uses nothing up.
#[server(prefix = "/api", endpoint = "signin/code_is_open", input = GetUrl)]
pub async fn code_is_open() -> Result<bool, AppError> {
    let visitor = Visitor::of_request()?;
    let Some(secret) = browser_secret::find(&visitor.state().config) else { return Ok(false) };
    let mut transaction = visitor.begin().await?;
    Ok(store::code_is_open(&mut transaction, &sha256(secret.as_bytes()), visitor.now()).await?)
}

/// Signs in by the code that was mailed, in the browser that asked for it.
#[server(prefix = "/api", endpoint = "signin/enter_code")]
pub async fn enter_code(#[server(default)] form: EnterCodeForm) -> Result<Landing, AppError> {
    let visitor = Visitor::of_request()?;
    let entered = try_code(&visitor, &form).await;
    if let Err(error) = &entered {
        // The page sends no Referer, because its address may hold the code.
        forms::back_after_failed_post("/signin/code/enter", <EnterCode as ServerFn>::PATH, error);
    }
    entered
}

#[cfg(feature = "ssr")]
async fn try_code(visitor: &Visitor, form: &EnterCodeForm) -> Result<Landing, AppError> {
    let wrong = || AppError::invalid("code", "This code is wrong or no longer works. Check it, or ask for a new one.");
    let code = Code::parse(&form.code).map_err(|message| AppError::invalid("code", message))?;
    let secret = browser_secret::find(&visitor.state().config).ok_or_else(wrong)?;
    // The account is not known before the code is right, so the browser stands for it.
    let account = hex::encode(sha256(secret.as_bytes()));
    rate_limit::attempt(visitor.request(), Limited::SignIn, &account).await?;
    let mut transaction = visitor.begin().await?;
    let used = store::try_code(&mut transaction, &sha256(secret.as_bytes()), &code_hash(&secret, &code), visitor.now()).await?;
    let Some(used) = used else {
        // A wrong try counts, too.
        transaction.commit().await?;
        tracing::info!(ip = visitor.request().ip, "a code was refused");
        return Err(wrong());
    };
    rate_limit::succeeded(visitor.request(), Limited::SignIn, &account).await;
    // In the same transaction: whoever voids the codes meanwhile waits, and then ends this session with all others.
    let person = store::find_person_by_id(&mut transaction, used.user_id).await?.ok_or(AppError::NotFound)?;
    browser_secret::forget(&visitor.state().config);
    enter(visitor, transaction, Identified { person, proof: Proof::MailedCode, keep: used.keep, next: used.next, renewed_hash: None }).await
}
