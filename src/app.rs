//! The document and the pages: one line per page, in the order of the menu.

use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

use crate::{
    account, activity, billing, data, home, keys, passkeys, portal_sessions, profile, requests, second_factor, signin, sso, staff, support,
    team, ui, usage,
};

/// The document around every page.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <HashedStylesheet options=options.clone() id="foyer" />
                <AutoReload options=options.clone() />
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// The portal.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_context(ui::AskView(requests::view::ask));
    // Browser tests and stylesheets can tell a page that answers by itself from one that posts forms.
    Effect::new(|_| {
        if let Some(root) = document().document_element() {
            _ = root.set_attribute("data-hydrated", "");
        }
    });
    view! {
        <Router>
            <Routes fallback=ui::NotFoundPage>
                <ParentRoute path=path!("") view=signin::view::PortalFrame>
                    <Route path=path!("/") view=home::view::HomePage ssr=SsrMode::Async />
                    <Route path=path!("/usage") view=usage::view::UsagePage ssr=SsrMode::Async />
                    <Route path=path!("/billing") view=billing::view::BillingPage ssr=SsrMode::Async />
                    <Route path=path!("/billing/plan") view=billing::view::PlanPage ssr=SsrMode::Async />
                    <Route path=path!("/team") view=team::view::TeamPage ssr=SsrMode::Async />
                    <Route path=path!("/team/roles") view=team::view::RolesPage ssr=SsrMode::Async />
                    <Route path=path!("/team/sso") view=sso::view::SsoPage ssr=SsrMode::Async />
                    <Route path=path!("/team/:user") view=team::view::MemberPage ssr=SsrMode::Async />
                    <Route path=path!("/requests/:permission") view=requests::view::AskPage ssr=SsrMode::Async />
                    <Route path=path!("/keys") view=keys::view::KeysPage ssr=SsrMode::Async />
                    <Route path=path!("/keys/:id") view=keys::view::KeyPage ssr=SsrMode::Async />
                    <Route path=path!("/support") view=support::view::SupportPage ssr=SsrMode::Async />
                    <Route path=path!("/support/new") view=support::view::NewTicketPage ssr=SsrMode::Async />
                    <Route path=path!("/support/:id") view=support::view::TicketPage ssr=SsrMode::Async />
                    <Route path=path!("/activity") view=activity::view::ActivityPage ssr=SsrMode::Async />
                    <Route path=path!("/account") view=account::view::AccountPage ssr=SsrMode::Async />
                    <Route path=path!("/account/password") view=signin::view::PasswordPage ssr=SsrMode::Async />
                    <Route path=path!("/account/sessions") view=signin::view::SessionsPage ssr=SsrMode::Async />
                    <Route path=path!("/account/second-factor") view=second_factor::view::SetupPage ssr=SsrMode::Async />
                    <Route path=path!("/account/passkeys") view=passkeys::view::PasskeysPage ssr=SsrMode::Async />
                    <Route path=path!("/account/data") view=data::view::DataPage ssr=SsrMode::Async />
                    <Route path=path!("/account/profile") view=profile::view::ProfilePage ssr=SsrMode::Async />
                </ParentRoute>
                <ParentRoute path=path!("/flow") view=portal_sessions::view::FlowFrame>
                    <Route path=path!("/update_billing_email") view=account::view::BillingEmailTask ssr=SsrMode::Async />
                    <Route path=path!("/download_invoice") view=billing::view::DownloadInvoiceTask ssr=SsrMode::Async />
                    <Route path=path!("/create_key") view=keys::view::CreateKeyTask ssr=SsrMode::Async />
                    <Route path=path!("/upgrade_plan") view=billing::view::UpgradePlanTask ssr=SsrMode::Async />
                </ParentRoute>
                <Route path=path!("/flow/done") view=portal_sessions::view::DonePage ssr=SsrMode::Async />
                <Route path=path!("/flow/ended") view=portal_sessions::view::EndedPage ssr=SsrMode::Async />
                <Route path=path!("/session/:code") view=portal_sessions::view::OpenPage ssr=SsrMode::Async />
                <ParentRoute path=path!("/staff") view=staff::view::StaffFrame>
                    <Route path=path!("/tickets") view=staff::view::QueuePage ssr=SsrMode::Async />
                    <Route path=path!("/tickets/:id") view=staff::view::QueuedPage ssr=SsrMode::Async />
                </ParentRoute>
                <Route path=path!("/signin") view=signin::view::SignInPage ssr=SsrMode::Async />
                <Route path=path!("/signin/code") view=signin::view::AskCodePage ssr=SsrMode::Async />
                <Route path=path!("/signin/code/enter") view=signin::view::EnterCodePage ssr=SsrMode::Async />
                <Route path=path!("/signin/sso") view=sso::view::SignInBySsoPage ssr=SsrMode::Async />
                <Route path=path!("/signin/confirm") view=signin::view::ConfirmPage ssr=SsrMode::Async />
                <Route path=path!("/signin/second-factor") view=second_factor::view::StepPage ssr=SsrMode::Async />
                <Route path=path!("/invite/:token") view=team::view::InvitationPage ssr=SsrMode::Async />
                <Route path=path!("/profile/:token") view=profile::view::ConfirmPage ssr=SsrMode::Async />
                <Route path=path!("/reset") view=signin::view::ForgotPage ssr=SsrMode::Async />
                <Route path=path!("/reset/:token") view=signin::view::ResetPage ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}
