package engine

// BroadcastSettings are a bot's rules for what it sends to many.
type BroadcastSettings struct {
	QuietHours  *QuietHours    `json:"quiet_hours,omitempty"`
	Caps        []FrequencyCap `json:"frequency_caps,omitempty"`
	Unsubscribe Unsubscribing  `json:"unsubscribe,omitzero"`
	Prices      []Price        `json:"prices,omitempty"`
	// Track is how taps on links are counted where a broadcast does not say; "":
	// not.
	Track Tracking `json:"track,omitempty" enum:"off,person,count" doc:"How taps on links are counted where a broadcast does not say: off, person or count."`
}

// QuietHours is the time of a person's day in which nobody is written to
// unasked. It may go over midnight.
type QuietHours struct {
	From string `json:"from"` // 21:30
	To   string `json:"to"`   // 08:00
}

// FrequencyCap is how many broadcasts one person gets in some days at most.
type FrequencyCap struct {
	Category string `json:"category,omitempty"` // "": of all together
	Most     int    `json:"most"`
	Days     int    `json:"days"`
}

// Unsubscribing is how people are told that they need not get this.
type Unsubscribing struct {
	Text     string `json:"text,omitempty"`     // said before the button, or naming the word
	Button   string `json:"button,omitempty"`   // its title; "": only the text
	Required bool   `json:"required,omitempty"` // by everything promotional
}

// Price is what one message by a paid route costs.
type Price struct {
	AccountID string  `json:"account_id"`
	Route     string  `json:"route"` // push or template
	Amount    float64 `json:"amount"`
	Currency  string  `json:"currency"` // ISO 4217, TWD
}
