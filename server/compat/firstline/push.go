package firstline

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/foreign"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/server/compat/lenient"
)

// agentTalks is what the caller is told without is_force.
const agentTalks = "The conversation is being handled by an agent."

// push serves the call. The vendor's 200 means sent: see outcome.
func (s *Surface) push(c *fiber.Ctx) error {
	if ok, err := s.takes(c, fiber.MethodPost); !ok {
		return err
	}
	who, err := s.read(c, engine.ScopeSend)
	if err != nil {
		return s.fault(c, err)
	}
	accepted, err := s.send(c, who)
	if err != nil {
		return s.fault(c, err)
	}
	lenient.Names(c, accepted)
	if accepted.Status.Open() {
		s.outcome(c.UserContext(), who.bot.ID, accepted)
	}
	switch {
	case accepted.Status == engine.Skipped && accepted.Reason == policy.HandedOver:
		return s.Fail(c, fiber.StatusConflict, agentTalks)
	case refused(accepted.Status):
		return s.Fail(c, fiber.StatusUnprocessableEntity, lenient.Refusal(accepted))
	}
	return c.JSON(struct{}{})
}

// wanted is what a push asks for.
type wanted struct {
	contactable contactable
	id          string
	force       bool
	message     blocks.Message
	warnings    []string
}

// send goes from what is asked to whom it is for; then the outbox decides.
func (s *Surface) send(c *fiber.Ctx, who *caller) (*outbox.Accepted, error) {
	key, err := lenient.Key(c)
	if err != nil {
		return nil, err
	}
	w, err := readPush(who.given)
	if err != nil {
		return nil, err
	}
	identity, err := s.identity(c.UserContext(), who.bot, w.contactable, w.id)
	if err != nil {
		return nil, err
	}
	o := outbox.Order{Bot: who.bot, Source: source, Token: who.token, To: outbox.Recipient{IdentityID: identity.ID},
		Messages: []blocks.Message{w.message}, Intent: engine.IntentUtility, Warnings: w.warnings,
		RefuseHandedOver: true, Force: w.force, Key: key}
	err = lenient.Record(&o, struct {
		Type    string `json:"contactable_type"`
		ID      string `json:"contactable_id"`
		Kind    string `json:"type"`
		Message any    `json:"message"`
		Force   bool   `json:"is_force,omitempty"`
	}{w.contactable.class, w.id, who.given.Text("type"), who.given["message"], w.force})
	if err != nil {
		return nil, err
	}
	return s.Outbox.Accept(c.UserContext(), o)
}

// readPush reads the parameters and tells all that is wrong with them at once.
func readPush(given lenient.Params) (*wanted, error) {
	w, wrong := new(wanted), new(wrongFields)
	var ok bool
	switch class := given.Text("contactable_type"); {
	case class == "":
		wrong.add("contactable_type", `contactable_type is missing: such as App\LineContact`)
	default:
		if w.contactable, ok = contactableOf(class); !ok {
			wrong.add("contactable_type", "contactable_type is none of "+classes())
		}
	}
	if w.id = given.Text("contactable_id"); w.id == "" {
		wrong.add("contactable_id", "contactable_id is missing: GET /api/v1/contact tells it")
	}
	if w.force, ok = forced(given["is_force"]); !ok {
		wrong.add("is_force", "is_force must be 1 or 0")
	}
	data, err := json.Marshal(given["message"])
	if err != nil {
		return nil, fmt.Errorf("read the message: %w", err)
	}
	w.message, w.warnings, err = foreign.FirstLine(given.Text("type"), data)
	var faults foreign.Faults
	if errors.As(err, &faults) {
		wrong.addMessage(faults)
	}
	return w, wrong.err()
}

// forced reads is_force: 1, "1" or true; ok is false for what is neither that
// nor its opposite.
func forced(value any) (force, ok bool) {
	switch strings.ToLower(strings.TrimSpace(lenient.Text(value))) {
	case "1", "true":
		return true, true
	case "", "0", "false":
		return false, true
	}
	return false, false
}

// classes lists the values contactable_type may have.
func classes() string {
	var names []string
	for _, c := range contactables() {
		names = append(names, `App\`+c.class)
	}
	return strings.Join(names, ", ")
}
