package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/blockcast/blockcast/channels/sandbox/messengerrules"
)

// sendFields are what a call of the Send API may hold.
var sendFields = []string{
	"recipient", "messaging_type", "tag", "message", "sender_action", "payload", "notification_type", "persona_id", "reply_to",
	"access_token", "appsecret_proof",
}

const (
	outsideWindow = "(#10) This message is sent outside of allowed window. Learn more about the new policy here: " +
		"https://developers.facebook.com/docs/messenger-platform/policy-overview"
	notAvailable = "(#551) This person isn't available right now."
	noUser       = "(#100) No matching user found"
	noAgent      = "(#10) Application does not have permission to use the HUMAN_AGENT tag"
)

// graphSend plays the Send API: the form of the call first, then who it is
// for, then whether they may be written to now.
func (s *Sandbox) graphSend(c *graphCall) graphAnswer {
	page := c.page()
	if page == nil {
		return unsupported(c)
	}
	for _, key := range slices.Sorted(maps.Keys(c.fields)) {
		if !slices.Contains(sendFields, key) {
			return invalidParameter(fmt.Sprintf("Unexpected key %q on param", key))
		}
	}
	if c.recipient() == "" {
		return invalidParameter("The parameter recipient is required")
	}
	if c.endpoint == MessengerAction {
		return s.graphAct(c, page)
	}
	if p := messengerrules.Check(c.fields["message"]); p != nil {
		return graphError(http.StatusBadRequest, p.Code, p.Subcode, p.Error())
	}
	route, refusal := c.route(page)
	if refusal != nil {
		return *refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	p, refusal := s.reachableBy(c, page, route, now)
	if refusal != nil {
		return *refusal
	}
	shown, refusal := page.attached(c.fields["message"])
	if refusal != nil {
		return *refusal
	}
	mid := s.mid()
	call := &Call{
		At: now, Channel: page.channel, Account: page.name, Endpoint: MessengerSend, Route: route, To: []string{p.ID}, Reached: []string{p.ID},
		RequestID: c.trace, Messages: []json.RawMessage{shown}, IDs: []string{mid}, Body: c.body,
	}
	s.accept(&page.account, call, []*person{p})
	s.tellSent(page, p, call)
	return graphAnswer{status: http.StatusOK, body: map[string]string{"recipient_id": p.ID, "message_id": mid}}
}

// mid makes a message id, as long as Meta's are.
func (s *Sandbox) mid() string {
	return "m_" + base64.RawURLEncoding.EncodeToString([]byte(s.token()+s.token()+s.token()))
}

// Routes a message goes out by, as Meta names them.
const (
	routeResponse = "RESPONSE"
	routeUpdate   = "UPDATE"
	routeUtility  = "UTILITY"
	routeTag      = "MESSAGE_TAG"
	routeAgent    = "HUMAN_AGENT" // the tag; every other was removed
)

// route reads how a message is to go out. Since 27 April 2026 every call with
// a removed tag is refused.
func (c *graphCall) route(page *messengerAccount) (string, *graphAnswer) {
	refuse := func(a graphAnswer) (string, *graphAnswer) { return "", &a }
	kind, tag := c.text("messaging_type"), c.text("tag")
	switch {
	case kind == routeTag && tag == routeAgent && page.NoHumanAgent:
		return refuse(graphError(http.StatusForbidden, 10, 0, noAgent))
	case kind == routeTag && tag == routeAgent:
		return routeAgent, nil
	case kind == routeTag || tag != "":
		return refuse(invalidParameter(fmt.Sprintf("Param tag must be one of {HUMAN_AGENT, CUSTOMER_FEEDBACK} with messaging_type MESSAGE_TAG - got %q", tag)))
	case templateOf(c.fields["message"]).Kind != "" && kind != routeUtility:
		return refuse(invalidParameter("Param messaging_type must be UTILITY for a utility_messages template"))
	case kind == routeResponse, kind == routeUpdate:
		return kind, nil
	case kind == routeUtility:
		return c.utility(page)
	}
	return refuse(invalidParameter("Param messaging_type must be one of {RESPONSE, UPDATE, MESSAGE_TAG, UTILITY}"))
}

// reachableBy finds whom a call is for and whether they may be sent to by that
// route now. The caller holds the lock.
func (s *Sandbox) reachableBy(c *graphCall, page *messengerAccount, route string, now time.Time) (*person, *graphAnswer) {
	refuse := func(status, code, subcode int, message string) (*person, *graphAnswer) {
		a := graphError(status, code, subcode, message)
		return nil, &a
	}
	if refusal := page.bars(); refusal != nil {
		return nil, refusal
	}
	p := page.people[c.recipient()]
	switch {
	case p == nil:
		return refuse(http.StatusBadRequest, 100, 2018001, noUser)
	case slices.Contains(c.refused, p.ID):
		page.counts.Faults++
		return refuse(http.StatusBadRequest, 551, 1545041, notAvailable)
	case p.blocked:
		return refuse(http.StatusBadRequest, 551, 1545041, notAvailable)
	}
	open := standardWindow
	switch route {
	case routeUtility:
		return p, nil
	case routeAgent:
		open = agentWindow
	}
	if p.wroteAt.IsZero() || now.Sub(p.wroteAt) >= open {
		return refuse(http.StatusForbidden, 10, 2018278, outsideWindow)
	}
	return p, nil
}

// graphAct plays sender actions.
func (s *Sandbox) graphAct(c *graphCall, page *messengerAccount) graphAnswer {
	action := c.text("sender_action")
	if !slices.Contains([]string{"typing_on", "typing_off", "mark_seen", "react", "unreact"}, action) {
		return invalidParameter(fmt.Sprintf("Param sender_action must be one of {TYPING_ON, TYPING_OFF, MARK_SEEN, REACT, UNREACT} - got %q", action))
	}
	if c.fields["message"] != nil {
		return invalidParameter("Params message and sender_action may not be used together")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	p, refusal := s.reachableBy(c, page, routeResponse, now)
	if refusal != nil {
		return *refusal
	}
	switch action {
	case "typing_on":
		p.loading = now.Add(typingLife)
	case "typing_off":
		p.loading = time.Time{}
	}
	s.touch(p)
	return graphAnswer{status: http.StatusOK, body: map[string]string{"recipient_id": p.ID}}
}
