//! Which pages come to the browser together. Each group is a part of the WebAssembly of its own, which is loaded with its first
//! page; what all need is in the main part (bench/bytes). On the server nothing is in parts.

use leptos::prelude::*;
use leptos_router::ChooseView;
#[cfg(not(feature = "hydrate"))]
use {leptos::WasmSplitManifest, leptos_meta::Link};

use crate::{
    account, activity, billing, data, home, keys, passkeys, portal_sessions, profile, requests, second_factor, signin, sso, staff, support,
    team, usage,
};

/// Makes a group of pages that are routed to and loaded together.
macro_rules! page_group {
    ($(#[$doc:meta])* $group:ident, $load:ident, $preload:ident: $($page:ident = $view:path,)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(crate) enum $group {
            $($page),*
        }

        impl $group {
            fn view(self) -> AnyView {
                match self {
                    $(Self::$page => $view().into_any()),*
                }
            }
        }

        #[cfg(feature = "hydrate")]
        #[leptos::wasm_split::wasm_split($load, wasm_split_path = ::leptos::wasm_split, preload($preload), fallible)]
        fn $load(page: $group) -> Result<AnyView, leptos::wasm_split::SplitLoaderError> {
            Ok(page.view())
        }

        #[cfg(feature = "hydrate")]
        impl ChooseView for $group {
            async fn choose(self) -> AnyView {
                match $load(self).await {
                    Ok(view) => view,
                    Err(_) => from_server().await,
                }
            }

            async fn preload(&self) {
                unless_left(async {
                    let loaded = $preload().await;
                    // A page that the server made stays as it is: it works without.
                    if loaded.is_err() && !crate::ui::is_hydrated() {
                        std::future::pending().await
                    }
                }).await;
            }
        }

        #[cfg(not(feature = "hydrate"))]
        impl ChooseView for $group {
            async fn choose(self) -> AnyView {
                load_beside_main_part(stringify!($load));
                self.view()
            }

            async fn preload(&self) {}
        }
    };
}

page_group! {
    /// Those that open before or beside a session of the portal.
    Visitor, visitor_pages, load_visitor_pages:
    SignIn = signin::view::SignInPage,
    AskCode = signin::view::AskCodePage,
    EnterCode = signin::view::EnterCodePage,
    SignInBySso = sso::view::SignInBySsoPage,
    ConfirmIdentity = signin::view::ConfirmPage,
    SecondFactorStep = second_factor::view::StepPage,
    Invitation = team::view::InvitationPage,
    ConfirmAddress = profile::view::ConfirmPage,
    ForgotPassword = signin::view::ForgotPage,
    ResetPassword = signin::view::ResetPage,
    FlowDone = portal_sessions::view::DonePage,
    FlowEnded = portal_sessions::view::EndedPage,
    OpenSession = portal_sessions::view::OpenPage,
}

page_group! {
    /// The dashboard, alone: most sessions begin with it.
    Landing, landing_page, load_landing_page:
    Home = home::view::HomePage,
}

page_group! {
    /// Those that people come for.
    Daily, daily_pages, load_daily_pages:
    Usage = usage::view::UsagePage,
    Billing = billing::view::BillingPage,
    Plan = billing::view::PlanPage,
    Team = team::view::TeamPage,
    Member = team::view::MemberPage,
    Keys = keys::view::KeysPage,
    Key = keys::view::KeyPage,
    Support = support::view::SupportPage,
    NewTicket = support::view::NewTicketPage,
    Ticket = support::view::TicketPage,
}

page_group! {
    /// Settings, single tasks, and the staff's.
    Seldom, seldom_pages, load_seldom_pages:
    Roles = team::view::RolesPage,
    Sso = sso::view::SsoPage,
    AskForAccess = requests::view::AskPage,
    Activity = activity::view::ActivityPage,
    Account = account::view::AccountPage,
    Password = signin::view::PasswordPage,
    Sessions = signin::view::SessionsPage,
    SecondFactor = second_factor::view::SetupPage,
    Passkeys = passkeys::view::PasskeysPage,
    Data = data::view::DataPage,
    Profile = profile::view::ProfilePage,
    FlowFrame = portal_sessions::view::FlowFrame,
    UpdateBillingEmail = account::view::BillingEmailTask,
    DownloadInvoice = billing::view::DownloadInvoiceTask,
    CreateKey = keys::view::CreateKeyTask,
    UpgradePlan = billing::view::UpgradePlanTask,
    StaffFrame = staff::view::StaffFrame,
    TicketQueue = staff::view::QueuePage,
    QueuedTicket = staff::view::QueuedPage,
}

/// Has the browser load the parts of a group while it loads the main one, instead of afterwards. The framework would do the same
/// for `prefetch_lazy_fn_on_server`, but finds its list of parts only if the thread that made the page was not at another one
/// meanwhile (leptos_integration_utils 0.8.9, `from_app`).
#[cfg(not(feature = "hydrate"))]
fn load_beside_main_part(group: &'static str) {
    #[derive(Clone)]
    struct Named(&'static str);

    // A page may stand in a frame of the same group.
    if use_context::<Named>().is_some_and(|Named(frame)| frame == group) {
        return;
    }
    provide_context(Named(group));
    let Some(list) = use_context::<WasmSplitManifest>() else { return };
    list.0.with_value(|(folder, parts, loader)| {
        for part in parts.get(group).into_iter().flatten() {
            let href = format!("{folder}/{part}.wasm");
            _ = view! { <Link rel="preload" href as_="fetch" type_="application/wasm" crossorigin="anonymous" /> }.to_html();
        }
        _ = view! { <Link rel="modulepreload" href=format!("{folder}/{loader}") crossorigin="anonymous" /> }.to_html();
    });
}

/// Waits for a part, for good if another page was asked for meanwhile: the router takes the end of a navigation that it has given
/// up for the end of the one after it, and shows the page that was given up (leptos_router 0.8.17, `NestedRoutesView::rebuild`).
#[cfg(feature = "hydrate")]
async fn unless_left(part: impl Future<Output = ()>) {
    let path = leptos_router::hooks::use_location().pathname;
    let asked_for = path.get_untracked();
    part.await;
    if path.with_untracked(|path| *path != asked_for) {
        std::future::pending().await
    }
}

/// What cannot be loaded, as after a new version was installed, is asked for as a page of its own.
#[cfg(feature = "hydrate")]
async fn from_server() -> AnyView {
    let url = leptos_router::hooks::use_url().get_untracked();
    _ = window().location().assign(&format!("{}{}", url.path(), url.search_params().to_query_string()));
    std::future::pending().await
}

/// Loads the other groups once the first page is alive, so that none is waited for later. One that cannot be loaded now is
/// loaded when it is needed.
#[cfg(feature = "hydrate")]
pub(crate) fn load_later() {
    set_timeout(
        || {
            leptos::task::spawn_local(async {
                _ = load_landing_page().await;
                _ = load_daily_pages().await;
                _ = load_seldom_pages().await;
                _ = load_visitor_pages().await;
            });
        },
        std::time::Duration::from_secs(2),
    );
}
