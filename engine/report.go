package engine

import "time"

// TallyRow is one line of the ledger's sum.
type TallyRow struct {
	Status Status
	Reason string // a skip's reason or a failure's class
	Route  string
	Count  int64
}

// ReportKeys say by what deliveries are told apart in a report, besides their
// state.
type ReportKeys struct{ Account, Category, Block bool }

// ReportRow is how many deliveries are alike; a key that was not asked for is
// "".
type ReportRow struct {
	AccountID string
	Category  string
	BlockID   string
	Status    Status
	Reason    string // why they were skipped or canceled
	Class     string // of their last error
	Route     string
	Count     int64
}

// TimelineItem is one thing that happened with a contact.
type TimelineItem struct {
	At         time.Time
	Kind       string // in, out, event
	Text       string // short, for people
	ID         int64  // of the interaction or the delivery
	IdentityID int64
	Status     string
}

// Page is a place in a keyset list: at most Limit rows after Cursor ("" is the
// start).
type Page struct {
	Cursor string
	Limit  int
}

// DeliveryFilter narrows a list of deliveries.
type DeliveryFilter struct {
	Status    Status
	ContactID int64
	BlockID   string
	Category  string
}
