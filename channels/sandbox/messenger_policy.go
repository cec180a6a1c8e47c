package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// What Meta does about a Page that breaks its rules.
const (
	PolicyWarning = "warning"
	PolicyBlock   = "block"   // it can send nothing any more
	PolicyUnblock = "unblock" // it can again
)

const pageBarred = "(#10) This Page is temporarily restricted from sending messages."

// Enforce tells a Page what Meta does about it, and does so.
func (s *Sandbox) Enforce(ctx context.Context, account, action, reason string) error {
	s.mu.Lock()
	m := s.messenger[account]
	if m == nil {
		s.mu.Unlock()
		return fmt.Errorf("account: there is no Page named %q", account)
	}
	switch action {
	case PolicyBlock:
		m.barred = true
	case PolicyUnblock:
		m.barred = false
	}
	s.notify()
	s.mu.Unlock()
	type enforcement struct {
		Action string `json:"action"`
		Reason string `json:"reason,omitempty"`
	}
	event, err := json.Marshal(map[string]any{
		"recipient": map[string]string{"id": m.PageID}, "timestamp": s.now().UnixMilli(), "policy_enforcement": enforcement{action, reason},
	})
	if err != nil {
		return fmt.Errorf("write webhook: %w", err)
	}
	_, err = s.postPage(ctx, account, event)
	return err
}

// bars refuses what a barred Page sends.
func (a *messengerAccount) bars() *graphAnswer {
	if !a.barred {
		return nil
	}
	refusal := graphError(http.StatusForbidden, 10, 1893063, pageBarred)
	return &refusal
}
