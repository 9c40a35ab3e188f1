"""The types of events: what leads do, and what sales and deals add (docs/features.md)."""

INTENT_TYPES = ("pricing_view", "demo_request", "quote_request", "trial_start", "meeting_booked", "cart_add")
# What is recorded of a lead only where it consented to tracking.
TRACKED_TYPES = ("page_view", "pricing_view", "email_open", "email_click", "ad_click")
EMAIL_TYPES = ("email_open", "email_click", "email_reply")
CORE_TYPES = (
    "page_view", "pricing_view", "email_open", "email_click", "email_reply", "form_submit", "download", "trial_start",
    "demo_request", "quote_request", "meeting_booked", "webinar", "call", "cart_add", "newsletter_subscribe",
    "unsubscribe", "bounce", "ad_click",
)  # fmt: skip
AMOUNT_TYPES = ("quote_request", "cart_add", "deal_won", "deal_lost")  # their value is money
VERDICT_TYPES = ("verdict_accepted", "verdict_ready", "verdict_nurture", "verdict_suspect")
BANT_TYPES = ("bant_budget", "bant_authority", "bant_need", "bant_timeline", "bant_sentiment")
# Events that are not activities: what sales answered, and what became of the leads of an account.
INTERNAL_TYPES = (*VERDICT_TYPES, *BANT_TYPES, "deal_won", "deal_lost", "lead_created")
