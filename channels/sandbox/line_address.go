package sandbox

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"

	"github.com/blockcast/blockcast/channels/sandbox/linerules"
)

const (
	maxMulticast  = 500
	maxUnits      = 1
	mayNotBeEmpty = "May not be empty"
)

var unitName = regexp.MustCompile(`^[a-zA-Z0-9_]{1,30}$`)

// addressing checks the fields beside the messages, as far as their form goes.
func (c *lineCall) addressing() (problems []linerules.Problem) {
	fault := func(property, message string) {
		problems = append(problems, linerules.Problem{Message: message, Property: property})
	}
	switch c.endpoint {
	case LINEReply:
		if token, ok := c.text("replyToken"); !ok || token == "" {
			fault("replyToken", mayNotBeEmpty)
		}
	case LINEPush:
		if to, ok := c.text("to"); !ok || to == "" {
			fault("to", mayNotBeEmpty)
		} else if !isLINEID("U", to) && !isLINEID("CR", to) {
			fault("to", "The property, 'to', in the request body is invalid (line: -, column: -)")
		}
	case LINEMulticast:
		problems = c.multicastTo()
	case LINENarrowcast:
		for _, key := range []string{"recipient", "filter", "limit"} {
			if raw, ok := c.fields[key]; ok && string(raw) != "null" {
				fault(key, "The sandbox plays narrowcasts to all friends only")
			}
		}
	}
	if raw, ok := c.fields["notificationDisabled"]; ok && !slices.Contains([]string{"true", "false", "null"}, string(raw)) {
		fault("notificationDisabled", "Must be true or false")
	}
	if raw, ok := c.fields["customAggregationUnits"]; ok {
		c.units(raw, fault)
	}
	return problems
}

// units checks the names statistics are kept under: at most one, of up to 30
// letters, digits and underscores, and none on a reply.
func (c *lineCall) units(raw json.RawMessage, fault func(property, message string)) {
	var names []string
	switch {
	case c.endpoint != LINEPush && c.endpoint != LINEMulticast:
		fault("customAggregationUnits", "Can not be used with this API")
	case json.Unmarshal(raw, &names) != nil:
		fault("customAggregationUnits", "Must be an array of texts")
	case len(names) > maxUnits:
		fault("customAggregationUnits", "Size must be between 0 and 1")
	case len(names) == 1 && !unitName.MatchString(names[0]):
		fault("customAggregationUnits[0]", "Must be up to 30 characters of a-z, A-Z, 0-9 and _")
	}
}

// multicastTo checks the recipients of a multicast: 1 to 500 user ids, each
// once, no groups.
func (c *lineCall) multicastTo() (problems []linerules.Problem) {
	var to []string
	if raw := c.fields["to"]; len(raw) == 0 || string(raw) == "null" {
		return []linerules.Problem{{Message: mayNotBeEmpty, Property: "to"}}
	} else if json.Unmarshal(raw, &to) != nil {
		return []linerules.Problem{{Message: "Must be an array of user ids", Property: "to"}}
	}
	if len(to) < 1 || len(to) > maxMulticast {
		return []linerules.Problem{{Message: "Size must be between 1 and " + strconv.Itoa(maxMulticast), Property: "to"}}
	}
	seen := make(map[string]bool, len(to))
	for i, id := range to {
		property := "to[" + strconv.Itoa(i) + "]"
		if !isLINEID("U", id) {
			problems = append(problems, linerules.Problem{Message: "Must be a user id", Property: property})
		} else if seen[id] {
			problems = append(problems, linerules.Problem{Message: "Must be listed once only", Property: property})
		}
		seen[id] = true
	}
	return problems
}
