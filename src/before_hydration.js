// Whether this browser has passkeys at this address (WebAuthn level 3), so that the first picture has no place for what is not there.
document.documentElement.dataset.passkeys = "PublicKeyCredential" in window && !/^[\d.]+$|^\[/.test(location.hostname) ? "yes" : "no";

// Notes what a person did before the page was alive: the document that answers may still be on its way when it is
// (side_browser.rs, `document_is_coming`).
for (const kind of ["submit", "click"]) {
  addEventListener(kind, ({ target }) => {
    const root = document.documentElement;
    if (!("hydrated" in root.dataset) && (kind === "submit" || target.closest("a"))) root.dataset[kind] = Math.floor(Date.now() / 1000);
  });
}
