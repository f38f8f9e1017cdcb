//! The rows of the demo, as the database takes them: field names are column names.

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// Everything the seed writes except usage, which is too long to hold in this form.
#[derive(Default, Serialize, PartialEq, Debug)]
pub(super) struct Rows {
    pub(super) customers: Vec<CustomerRow>,
    pub(super) users: Vec<UserRow>,
    pub(super) memberships: Vec<MembershipRow>,
    pub(super) invitations: Vec<InvitationRow>,
    pub(super) subscriptions: Vec<SubscriptionRow>,
    pub(super) invoices: Vec<InvoiceRow>,
    pub(super) invoice_lines: Vec<InvoiceLineRow>,
    pub(super) api_keys: Vec<ApiKeyRow>,
    pub(super) key_calls: Vec<KeyCallRow>,
    pub(super) tickets: Vec<TicketRow>,
    pub(super) ticket_messages: Vec<TicketMessageRow>,
    pub(super) audit_events: Vec<AuditEventRow>,
}

#[derive(Serialize, PartialEq, Debug)]
pub(super) struct CustomerRow {
    pub(super) customer_id: Uuid,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) billing_email: Option<String>,
    pub(super) plan: &'static str,
    pub(super) status: &'static str,
    pub(super) legal_name: String,
    pub(super) address_line: String,
    pub(super) postal_code: String,
    pub(super) city: String,
    pub(super) country: &'static str,
    pub(super) tax_id: String,
    pub(super) created_at: String,
    pub(super) updated_at: String,
}

#[derive(Serialize, PartialEq, Debug)]
pub(super) struct UserRow {
    pub(super) user_id: Uuid,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) password_hash: String,
    pub(super) is_staff: bool,
    pub(super) created_at: String,
    pub(super) updated_at: String,
}

#[derive(Serialize, PartialEq, Debug)]
pub(super) struct MembershipRow {
    pub(super) customer_id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) role: &'static str,
    pub(super) last_active_at: Option<String>,
    pub(super) created_at: String,
}

#[derive(Serialize, PartialEq, Debug)]
pub(super) struct InvitationRow {
    pub(super) invitation_id: Uuid,
    pub(super) customer_id: Uuid,
    pub(super) email: String,
    pub(super) role: &'static str,
    pub(super) token_hash: String,
    pub(super) invited_by: Uuid,
    pub(super) created_at: String,
    pub(super) sent_at: String,
    pub(super) expires_at: String,
}

#[derive(Serialize, PartialEq, Debug)]
pub(super) struct SubscriptionRow {
    pub(super) subscription_id: Uuid,
    pub(super) customer_id: Uuid,
    pub(super) plan: &'static str,
    pub(super) status: &'static str,
    pub(super) amount: i64,
    pub(super) currency: &'static str,
    pub(super) payment_method: String,
    pub(super) started_on: String,
    pub(super) next_billing_on: Option<String>,
    pub(super) created_at: String,
}

#[derive(Serialize, PartialEq, Debug)]
pub(super) struct InvoiceRow {
    pub(super) invoice_id: Uuid,
    pub(super) customer_id: Uuid,
    pub(super) number: String,
    pub(super) status: &'static str,
    pub(super) currency: &'static str,
    pub(super) net: i64,
    pub(super) vat: i64,
    pub(super) total: i64,
    pub(super) vat_note: &'static str,
    pub(super) buyer_name: String,
    pub(super) buyer_address: String,
    pub(super) buyer_tax_id: String,
    pub(super) buyer_email: String,
    pub(super) issued_on: String,
    pub(super) due_on: String,
    pub(super) period_start: String,
    pub(super) period_end: String,
    pub(super) paid_on: Option<String>,
    pub(super) payment_method: String,
    pub(super) created_at: String,
}

#[derive(Serialize, PartialEq, Debug)]
pub(super) struct InvoiceLineRow {
    pub(super) invoice_id: Uuid,
    pub(super) position: i32,
    pub(super) customer_id: Uuid,
    pub(super) description: String,
    pub(super) quantity: i64,
    pub(super) unit_price: i64,
    pub(super) net: i64,
    pub(super) vat_rate_basis_points: i32,
}

#[derive(Serialize, PartialEq, Debug)]
pub(super) struct ApiKeyRow {
    pub(super) key_id: String,
    pub(super) customer_id: Uuid,
    pub(super) name: String,
    pub(super) prefix: String,
    pub(super) last_four: String,
    pub(super) lookup_hash: String,
    pub(super) status: &'static str,
    pub(super) created_by: Uuid,
    pub(super) created_at: String,
    pub(super) last_used_at: Option<String>,
    pub(super) last_used_ip: Option<String>,
    pub(super) revoked_at: Option<String>,
    pub(super) revoked_reason: Option<&'static str>,
    pub(super) environment: &'static str,
    pub(super) scopes: Option<Vec<&'static str>>,
    pub(super) allowed_networks: Vec<&'static str>,
    pub(super) calls_per_minute: Option<i32>,
    pub(super) expires_at: Option<String>,
    pub(super) disabled_at: Option<String>,
    pub(super) retires_at: Option<String>,
    pub(super) rotated_to: Option<String>,
}

#[derive(Serialize, PartialEq, Debug)]
pub(super) struct KeyCallRow {
    pub(super) customer_id: Uuid,
    pub(super) key_id: String,
    pub(super) hour: String,
    pub(super) code: &'static str,
    pub(super) ip: String,
    pub(super) calls: i64,
    pub(super) last_at: String,
}

#[derive(Serialize, PartialEq, Debug)]
pub(super) struct TicketRow {
    pub(super) ticket_id: String,
    pub(super) customer_id: Uuid,
    pub(super) subject: String,
    pub(super) status: &'static str,
    pub(super) opened_by: Uuid,
    pub(super) created_at: String,
    pub(super) updated_at: String,
    pub(super) closed_at: Option<String>,
}

#[derive(Serialize, PartialEq, Debug)]
pub(super) struct TicketMessageRow {
    pub(super) message_id: Uuid,
    pub(super) ticket_id: String,
    pub(super) customer_id: Uuid,
    pub(super) content: String,
    pub(super) from_customer: bool,
    pub(super) author_id: Uuid,
    pub(super) author_name: String,
    pub(super) created_at: String,
}

#[derive(Serialize, PartialEq, Debug)]
pub(super) struct AuditEventRow {
    pub(super) audit_event_id: Uuid,
    pub(super) customer_id: Uuid,
    pub(super) actor_kind: &'static str,
    pub(super) actor_user_id: Uuid,
    pub(super) actor_name: String,
    pub(super) kind: &'static str,
    pub(super) subject: String,
    pub(super) details: Value,
    pub(super) ip: String,
    pub(super) session_id: Uuid,
    pub(super) created_at: String,
}
