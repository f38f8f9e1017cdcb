//! The pages around a session that the SaaS opened: in, one task, and out.

use leptos::prelude::*;
use leptos_meta::Meta;
use leptos_router::{components::Outlet, hooks::use_params_map};

use super::{
    api::{FindWayBack, OpenPortalSession, PortalSessionIsOpen},
    model::ReturnTo,
};
use crate::{signin::api::FindShell, ui::*};

/// The frame around a task.
#[component]
pub fn FlowFrame() -> impl IntoView {
    page_is_about(None);
    let shell = Fetch::new(|| FindShell {});
    provide_context(shell);
    view! {
        <TaskLayout shell>
            <Outlet />
        </TaskLayout>
    }
}

/// `/session/:code`. Says nothing about whose session it is before the code has been swapped.
#[component]
pub fn OpenPage() -> impl IntoView {
    let code = use_params_map().with_untracked(|params| params.get("code").unwrap_or_default());
    let open = FormAction::<OpenPortalSession>::new();
    let asked = code.clone();
    let is_open = Fetch::new(move || PortalSessionIsOpen { code: asked.clone() });
    view! {
        <PageTitle text="Continue to the portal" />
        <NarrowLayout>
            <Load
                resource=is_open
                view=move |is_open| {
                    if is_open { view! { <Continue code=code.clone() open /> }.into_any() } else { view! { <NoLongerValid /> }.into_any() }
                }
            />
        </NarrowLayout>
    }
}

#[component]
fn Continue(code: String, open: FormAction<OpenPortalSession>) -> impl IntoView {
    let form = FormState::of(open);
    view! {
        <h1>"Continue to the portal"</h1>
        <p>"You were sent here to go on without signing in. The link works once; if you are signed in here already, that session ends."</p>
        <PostForm action=open>
            <div class="form">
                <FormError form />
                <input type="hidden" name="form[code]" value=code />
                <SubmitButton form label="Continue" pending_label="Opening…" />
            </div>
        </PostForm>
    }
}

#[component]
fn NoLongerValid() -> impl IntoView {
    set_status(404);
    view! {
        <h1>"This link is no longer valid"</h1>
        <p>"It works once and for 15 minutes. Go back to where you found it and follow it again."</p>
        <p>"If you have a password here, " <a href="/signin">"sign in"</a> "."</p>
    }
}

/// `/flow/done`: the task is done.
#[component]
pub fn DonePage() -> impl IntoView {
    view! {
        <PageTitle text="Done" />
        <NarrowLayout>
            <h1>"Done"</h1>
            <WayBack closing="You can close this page." />
        </NarrowLayout>
    }
}

/// `/flow/ended`: the session is over.
#[component]
pub fn EndedPage() -> impl IntoView {
    view! {
        <PageTitle text="Your session has ended" />
        <NarrowLayout>
            <h1>"Your session has ended"</h1>
            <WayBack closing="Go back to where you came from and open the portal again." />
            <p>"If you have a password here, " <a href="/signin">"sign in"</a> "."</p>
        </NarrowLayout>
    }
}

/// Leads back to the SaaS at once, or says what to do where no way back was given. The page and not the answer to the form
/// leads away: browsers that follow `form-action` strictly let no form end on another site.
#[component]
fn WayBack(closing: &'static str) -> impl IntoView {
    let way_back = Fetch::new(|| FindWayBack {});
    let lead = move |way_back: Option<ReturnTo>| match way_back {
        Some(ReturnTo { host, url }) => view! {
            <Meta http_equiv="refresh" content=format!("0;url={url}") />
            <p>{format!("You are led back to {host}.")}</p>
            <p>
                <ButtonLink href=url label=format!("Back to {host}") kind=ButtonKind::Primary external=true />
            </p>
        }
        .into_any(),
        None => view! { <p>{closing}</p> }.into_any(),
    };
    view! { <Load resource=way_back headed=true view=lead /> }
}
