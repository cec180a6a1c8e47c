package engine

import "time"

// PeopleList is people that were named one by one, by ids, phones or a file.
type PeopleList struct {
	ID         string // 24 hex digits
	BotID      string
	Name       string
	Rows       int64 // that were given
	People     int64 // that they mean, each once
	Duplicates int64 // rows that mean somebody again
	Refused    int64 // rows that mean nobody
	CreatedAt  time.Time
}

// ListRow is one row of what is put on a list: one of ContactID, Phone and
// ExternalID is set, or Refused.
type ListRow struct {
	Line       int64 // of what was given, from 1
	Text       string
	ContactID  int64
	Phone      string // E.164
	ExternalID string
	Refused    string // why it can mean nobody
}

// By names what a row says somebody by.
func (r ListRow) By() string {
	switch {
	case r.ContactID != 0:
		return "contact id"
	case r.Phone != "":
		return "phone number"
	}
	return "external id"
}

// RefusedRow is a row of a list that means nobody.
type RefusedRow struct {
	Line   int64  `json:"line"`
	Text   string `json:"text"` // what was to say who it is
	Reason string `json:"reason"`
}

// ListAdded is what became of rows that were put on a list.
type ListAdded struct {
	Rows       int64
	People     int64 // new on the list
	Duplicates int64
	Refused    []RefusedRow
}
