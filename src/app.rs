//! The document and the pages: one line per page, in the order of the menu.

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::{HashedStylesheet, MetaTags, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

use crate::{
    page_groups::{Daily, Landing, Seldom, Visitor},
    requests, signin, ui,
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
                <meta name="description" content="Account, usage, billing, team, API keys and support in one place." />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <HashedStylesheet options=options.clone() id="foyer" />
                <AutoReload options=options.clone() />
                <script nonce=use_nonce() inner_html=include_str!("before_hydration.js") />
                <HydrationScripts options />
                <MetaTags />
                {ui::kept_error().map(|error| view! { <meta name="form-error" content=error /> })}
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
    view! {
        <Router>
            <Routes fallback=ui::NotFoundPage>
                <ParentRoute path=path!("") view=signin::view::PortalFrame>
                    <Route path=path!("/") view=Landing::Home ssr=SsrMode::Async />
                    <Route path=path!("/usage") view=Daily::Usage ssr=SsrMode::Async />
                    <Route path=path!("/billing") view=Daily::Billing ssr=SsrMode::Async />
                    <Route path=path!("/billing/plan") view=Daily::Plan ssr=SsrMode::Async />
                    <Route path=path!("/team") view=Daily::Team ssr=SsrMode::Async />
                    <Route path=path!("/team/roles") view=Seldom::Roles ssr=SsrMode::Async />
                    <Route path=path!("/team/sso") view=Seldom::Sso ssr=SsrMode::Async />
                    <Route path=path!("/team/:user") view=Daily::Member ssr=SsrMode::Async />
                    <Route path=path!("/requests/:permission") view=Seldom::AskForAccess ssr=SsrMode::Async />
                    <Route path=path!("/keys") view=Daily::Keys ssr=SsrMode::Async />
                    <Route path=path!("/keys/:id") view=Daily::Key ssr=SsrMode::Async />
                    <Route path=path!("/support") view=Daily::Support ssr=SsrMode::Async />
                    <Route path=path!("/support/new") view=Daily::NewTicket ssr=SsrMode::Async />
                    <Route path=path!("/support/:id") view=Daily::Ticket ssr=SsrMode::Async />
                    <Route path=path!("/activity") view=Seldom::Activity ssr=SsrMode::Async />
                    <Route path=path!("/account") view=Seldom::Account ssr=SsrMode::Async />
                    <Route path=path!("/account/password") view=Seldom::Password ssr=SsrMode::Async />
                    <Route path=path!("/account/sessions") view=Seldom::Sessions ssr=SsrMode::Async />
                    <Route path=path!("/account/second-factor") view=Seldom::SecondFactor ssr=SsrMode::Async />
                    <Route path=path!("/account/passkeys") view=Seldom::Passkeys ssr=SsrMode::Async />
                    <Route path=path!("/account/data") view=Seldom::Data ssr=SsrMode::Async />
                    <Route path=path!("/account/profile") view=Seldom::Profile ssr=SsrMode::Async />
                </ParentRoute>
                <ParentRoute path=path!("/flow") view=Seldom::FlowFrame>
                    <Route path=path!("/update_billing_email") view=Seldom::UpdateBillingEmail ssr=SsrMode::Async />
                    <Route path=path!("/download_invoice") view=Seldom::DownloadInvoice ssr=SsrMode::Async />
                    <Route path=path!("/create_key") view=Seldom::CreateKey ssr=SsrMode::Async />
                    <Route path=path!("/upgrade_plan") view=Seldom::UpgradePlan ssr=SsrMode::Async />
                </ParentRoute>
                <Route path=path!("/flow/done") view=Visitor::FlowDone ssr=SsrMode::Async />
                <Route path=path!("/flow/ended") view=Visitor::FlowEnded ssr=SsrMode::Async />
                <Route path=path!("/session/:code") view=Visitor::OpenSession ssr=SsrMode::Async />
                <ParentRoute path=path!("/staff") view=Seldom::StaffFrame>
                    <Route path=path!("/tickets") view=Seldom::TicketQueue ssr=SsrMode::Async />
                    <Route path=path!("/tickets/:id") view=Seldom::QueuedTicket ssr=SsrMode::Async />
                </ParentRoute>
                <Route path=path!("/signin") view=Visitor::SignIn ssr=SsrMode::Async />
                <Route path=path!("/signin/code") view=Visitor::AskCode ssr=SsrMode::Async />
                <Route path=path!("/signin/code/enter") view=Visitor::EnterCode ssr=SsrMode::Async />
                <Route path=path!("/signin/sso") view=Visitor::SignInBySso ssr=SsrMode::Async />
                <Route path=path!("/signin/confirm") view=Visitor::ConfirmIdentity ssr=SsrMode::Async />
                <Route path=path!("/signin/second-factor") view=Visitor::SecondFactorStep ssr=SsrMode::Async />
                <Route path=path!("/invite/:token") view=Visitor::Invitation ssr=SsrMode::Async />
                <Route path=path!("/profile/:token") view=Visitor::ConfirmAddress ssr=SsrMode::Async />
                <Route path=path!("/reset") view=Visitor::ForgotPassword ssr=SsrMode::Async />
                <Route path=path!("/reset/:token") view=Visitor::ResetPassword ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}
