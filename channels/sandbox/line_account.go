package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/blockcast/blockcast/channels/sandbox/linerules"
)

// Pages of follower ids.
const (
	followersPage    = 300
	maxFollowersPage = 1000
)

// lineInfo tells whose access token it is. userId is the destination of the
// account's webhooks.
func (s *Sandbox) lineInfo(c *lineCall) lineAnswer {
	a := c.account
	return lineAnswer{status: http.StatusOK, body: struct {
		UserID   string `json:"userId"`
		BasicID  string `json:"basicId"`
		Name     string `json:"displayName"`
		Picture  string `json:"pictureUrl,omitempty"`
		ChatMode string `json:"chatMode"`
		ReadMode string `json:"markAsReadMode"`
	}{a.UserID, a.BasicID, a.title, a.picture, "bot", "auto"}}
}

// lineProfile tells who a person is: 404 for one who is unknown, blocked the
// account, or never had to do with it.
func (s *Sandbox) lineProfile(c *lineCall) lineAnswer {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := c.account.people[c.r.PathValue("id")]
	if p != nil && slices.Contains(c.refused, p.ID) {
		s.struck(c)
		p = nil
	}
	if p == nil || !p.reachable(s.now()) {
		return lineError(http.StatusNotFound, "Not found")
	}
	return lineAnswer{status: http.StatusOK, body: struct {
		UserID   string `json:"userId"`
		Name     string `json:"displayName"`
		Language string `json:"language,omitempty"`
		Picture  string `json:"pictureUrl,omitempty"`
	}{p.ID, p.Name, p.Language, p.Picture}}
}

// lineFollowers lists the friends' ids in pages.
func (s *Sandbox) lineFollowers(c *lineCall) lineAnswer {
	query := c.r.URL.Query()
	limit, start := followersPage, 0
	if text := query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxFollowersPage {
			return lineRefusal(linerules.Problem{Message: "Must be between 1 and 1000", Property: "limit"})
		}
		limit = n
	}
	if text := query.Get("start"); text != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(text, "from-"))
		if err != nil || n < 0 {
			return lineRefusal(linerules.Problem{Message: "Is not a continuation token", Property: "start"})
		}
		start = n
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	body := struct {
		UserIDs []string `json:"userIds"`
		Next    string   `json:"next,omitempty"`
	}{UserIDs: []string{}}
	for i := start; i < len(c.account.list); i++ {
		if len(body.UserIDs) == limit {
			body.Next = "from-" + strconv.Itoa(i)
			break
		}
		if p := c.account.list[i]; p.friend && !p.blocked {
			body.UserIDs = append(body.UserIDs, p.ID)
		}
	}
	return lineAnswer{status: http.StatusOK, body: body}
}

func (s *Sandbox) lineQuota(c *lineCall) lineAnswer {
	if c.account.Quota == 0 {
		return lineAnswer{status: http.StatusOK, body: map[string]any{"type": "none"}}
	}
	return lineAnswer{status: http.StatusOK, body: map[string]any{"type": "limited", "value": c.account.Quota}}
}

func (s *Sandbox) lineConsumption(c *lineCall) lineAnswer {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.account.turnMonth(s.now())
	return lineAnswer{status: http.StatusOK, body: map[string]int64{"totalUsage": c.account.usage}}
}

// spend takes n counted messages from the month, all or none.
func (a *lineAccount) spend(n int, now time.Time) bool {
	a.turnMonth(now)
	if a.Quota > 0 && a.usage+int64(n) > a.Quota {
		return false
	}
	a.usage += int64(n)
	return true
}

// turnMonth starts counting anew when a month of LINE's has begun.
func (a *lineAccount) turnMonth(now time.Time) {
	month := now.In(time.FixedZone("", lineZone)).Format("2006-01")
	if a.month != month {
		a.month, a.usage = month, 0
	}
}

func lineDay(t time.Time) string {
	return t.In(time.FixedZone("", lineZone)).Format("20060102")
}

// lineDelivered tells how many people the sends of a day reached.
func (s *Sandbox) lineDelivered(c *lineCall) lineAnswer {
	day := c.r.URL.Query().Get("date")
	if _, err := time.Parse("20060102", day); err != nil {
		return lineRefusal(linerules.Problem{Message: "Must be written as yyyyMMdd", Property: "date"})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if day >= lineDay(s.now()) {
		return lineAnswer{status: http.StatusOK, body: map[string]string{"status": "unready"}}
	}
	kind := strings.TrimPrefix(string(c.endpoint), lineDelivery)
	return lineAnswer{status: http.StatusOK, body: map[string]any{
		"status": "ready", "success": c.account.days[kind+day],
	}}
}

// lineProgress tells how far a narrowcast is; here they are done at once.
func (s *Sandbox) lineProgress(c *lineCall) lineAnswer {
	s.mu.Lock()
	defer s.mu.Unlock()
	call, ok := c.account.narrowcasts.get(c.r.URL.Query().Get("requestId"))
	if !ok {
		return lineError(http.StatusNotFound, "Not found")
	}
	at := call.At.Format("2006-01-02T15:04:05.000Z")
	return lineAnswer{status: http.StatusOK, body: map[string]any{
		"phase": "succeeded", "successCount": len(call.Reached), "failureCount": len(call.To) - len(call.Reached),
		"targetCount": len(call.To), "acceptedTime": at, "completedTime": at,
	}}
}

// Seconds a loading animation may show, in steps.
const (
	loadingDefault = 20
	loadingLeast   = 5
	loadingMost    = 60
	loadingStep    = 5
)

// lineLoading shows that an answer is being written, until it comes or the
// time is over.
func (s *Sandbox) lineLoading(c *lineCall) lineAnswer {
	id, ok := c.text("chatId")
	if !ok || !isLINEID("U", id) {
		return lineRefusal(linerules.Problem{Message: "Must be a user id", Property: "chatId"})
	}
	seconds := loadingDefault
	if raw, ok := c.fields["loadingSeconds"]; ok {
		err := json.Unmarshal(raw, &seconds)
		if err != nil || seconds < loadingLeast || seconds > loadingMost || seconds%loadingStep != 0 {
			return lineRefusal(linerules.Problem{Message: "Must be a multiple of 5 between 5 and 60", Property: "loadingSeconds"})
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := c.account.people[id]
	if p == nil || slices.Contains(c.refused, id) {
		return lineError(http.StatusBadRequest, "The user does not exist")
	}
	if now := s.now(); p.reachable(now) {
		p.loading = now.Add(time.Duration(seconds) * time.Second)
		s.touch(p)
	}
	return lineAnswer{status: http.StatusAccepted, body: struct{}{}}
}

// lineMarkAsRead takes any token: without chat mode messages are read anyway.
func (s *Sandbox) lineMarkAsRead(c *lineCall) lineAnswer {
	if token, ok := c.text("markAsReadToken"); !ok || token == "" {
		return lineRefusal(linerules.Problem{Message: mayNotBeEmpty, Property: "markAsReadToken"})
	}
	return lineAnswer{status: http.StatusOK, body: struct{}{}}
}
