package engine

// ImportRow is one person of an import: by what they are recognised, and what
// is known of them.
type ImportRow struct {
	ExternalID string // the owner's own id
	AccountID  string // with User
	User       string // the platform's id of the person
	Phone      string // E.164
	Deltas     Deltas
	// Identities are all that is said of the person's addresses, User's too where
	// its consent is known.
	Identities   []ImportIdentity
	DoNotContact *bool // nil leaves it
}

// ImportIdentity is a person's address on an account.
type ImportIdentity struct {
	AccountID  string
	User       string
	Subscribed *bool // their consent; nil leaves it
}

// Imported is what became of a row.
type Imported struct {
	ContactID int64
	Created   bool
	Refused   *Error // nil when it is in
}
