package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// graphNode tells about the Page or the app of the token, or about a person
// who has written to the Page.
func (s *Sandbox) graphNode(c *graphCall) graphAnswer {
	node := c.r.PathValue("node")
	switch {
	case node == "app" && c.app != nil:
		return graphAnswer{status: http.StatusOK, body: map[string]string{"id": c.app.id}}
	case node == "app":
		return graphAnswer{status: http.StatusOK, body: map[string]string{"id": c.account.AppID}}
	case c.page() != nil:
		return graphAnswer{status: http.StatusOK, body: map[string]string{"id": c.account.PageID, "name": c.account.title}}
	case c.account == nil:
		return unsupported(c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := c.account.people[node]
	if p != nil && slices.Contains(c.refused, p.ID) {
		c.account.counts.Faults++
		p = nil
	}
	if p == nil || !p.friend && p.wroteAt.IsZero() {
		return unsupported(c)
	}
	return graphAnswer{status: http.StatusOK, body: profileOf(p, c.r.URL.Query().Get("fields"))}
}

// profileOf is what Meta tells about a person, of the fields asked for.
func profileOf(p *person, fields string) map[string]string {
	first, last := names(p.Name, p.Language)
	all := map[string]string{"name": p.Name, "first_name": first, "last_name": last, "profile_pic": p.Picture}
	body := map[string]string{"id": p.ID}
	for key, value := range all {
		if value != "" && (fields == "" || slices.Contains(strings.Split(fields, ","), key)) {
			body[key] = value
		}
	}
	return body
}

// names splits a name where its language does: Vietnamese says the family
// first, and so does Chinese, without a space.
func names(name, language string) (first, last string) {
	letters := []rune(name)
	space := strings.LastIndex(name, " ")
	switch {
	case strings.HasPrefix(language, "vi") && space > 0:
		return name[space+1:], name[:space]
	case strings.HasPrefix(language, "zh") && space < 0 && len(letters) > 1:
		return string(letters[1:]), string(letters[:1])
	}
	first, last, _ = strings.Cut(name, " ")
	return first, last
}

// graphSubscribedApps lists the apps a Page tells its news.
func (s *Sandbox) graphSubscribedApps(c *graphCall) graphAnswer {
	page := c.page()
	if page == nil {
		return unsupported(c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	apps := []map[string]any{}
	if len(page.subscribed) > 0 {
		apps = append(apps, map[string]any{"id": page.AppID, "subscribed_fields": page.subscribed})
	}
	return graphAnswer{status: http.StatusOK, body: map[string]any{"data": apps}}
}

// graphSubscribe lets a Page tell its app of these fields.
func (s *Sandbox) graphSubscribe(c *graphCall) graphAnswer {
	page := c.page()
	if page == nil {
		return unsupported(c)
	}
	fields := c.fieldNames("subscribed_fields")
	if refusal := checkFields("subscribed_fields", fields); refusal != nil {
		return *refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	page.subscribed = fields
	s.notify()
	return graphDone()
}

func (s *Sandbox) graphUnsubscribe(c *graphCall) graphAnswer {
	page := c.page()
	if page == nil {
		return unsupported(c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	page.subscribed = nil
	s.notify()
	return graphDone()
}

// fieldNames reads names as a list, or as a text with commas.
func (c *graphCall) fieldNames(key string) []string {
	var names []string
	if json.Unmarshal(c.fields[key], &names) == nil {
		return names
	}
	if text := c.text(key); text != "" {
		return strings.Split(text, ",")
	}
	return nil
}

func checkFields(key string, fields []string) *graphAnswer {
	var refusal graphAnswer
	if len(fields) == 0 {
		refusal = invalidParameter("The parameter " + key + " is required")
		return &refusal
	}
	for _, f := range fields {
		if !slices.Contains(pageFields[:], f) {
			refusal = invalidParameter(fmt.Sprintf("Param %s must be one of the fields of a Page - got %q", key, f))
			return &refusal
		}
	}
	return nil
}

// graphSubscriptions lists where an app's webhooks go.
func (s *Sandbox) graphSubscriptions(c *graphCall) graphAnswer {
	if c.app == nil || c.app.id != c.r.PathValue("node") {
		return graphError(http.StatusBadRequest, 15, 0, "(#15) This method must be called with an app access_token.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []map[string]any{}
	if c.app.callback != "" {
		var fields []map[string]string
		for _, f := range c.app.fields {
			fields = append(fields, map[string]string{"name": f, "version": c.r.PathValue("version")})
		}
		list = append(list, map[string]any{"object": "page", "callback_url": c.app.callback, "active": true, "fields": fields})
	}
	return graphAnswer{status: http.StatusOK, body: map[string]any{"data": list}}
}

// graphSetSubscription points an app's webhooks somewhere, after that address
// has proved that it knows the verify token.
func (s *Sandbox) graphSetSubscription(c *graphCall) graphAnswer {
	if c.app == nil || c.app.id != c.r.PathValue("node") {
		return graphError(http.StatusBadRequest, 15, 0, "(#15) This method must be called with an app access_token.")
	}
	callback, fields := c.text("callback_url"), c.fieldNames("fields")
	if c.text("object") != "page" {
		return invalidParameter("Param object must be page")
	}
	if refusal := checkFields("fields", fields); refusal != nil {
		return *refusal
	}
	if u, err := url.Parse(callback); err != nil || u.Hostname() == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return invalidParameter("Param callback_url must be a valid https URL")
	}
	if fault := s.challenge(c, callback, c.text("verify_token")); fault != "" {
		return graphError(http.StatusBadRequest, 2200, 0, "(#2200) Callback verification failed with the following errors: "+fault)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c.app.callback, c.app.fields = callback, fields
	s.notify()
	return graphDone()
}

// challenge asks an address for what only who knows the verify token answers,
// and tells what is wrong with the answer, "" for nothing.
func (s *Sandbox) challenge(c *graphCall, callback, verifyToken string) string {
	word := s.token()
	u, err := url.Parse(callback)
	if err != nil {
		return err.Error()
	}
	q := u.Query()
	q.Set("hub.mode", "subscribe")
	q.Set("hub.challenge", word)
	q.Set("hub.verify_token", verifyToken)
	u.RawQuery = q.Encode()
	req, err := http.NewRequestWithContext(c.r.Context(), http.MethodGet, u.String(), nil)
	if err != nil {
		return err.Error()
	}
	req.Header.Set("User-Agent", "facebookplatform/1.0 (+http://developers.facebook.com)")
	res, err := s.config.Client.Do(req)
	if err != nil {
		return "the address cannot be reached"
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxWebhookAnswer))
	switch {
	case res.StatusCode != http.StatusOK:
		return fmt.Sprintf("HTTP Status Code = %d; HTTP Message = %s", res.StatusCode, http.StatusText(res.StatusCode))
	case string(body) != word:
		return "the answer is not the challenge"
	}
	return ""
}

// profileFields are the properties of a Page's profile.
var pageProfileFields = []string{
	"get_started", "greeting", "ice_breakers", "persistent_menu", "commands", "whitelisted_domains", "account_linking_url",
}

// graphSetPageProfile sets properties of a Page's profile. A menu needs a Get
// Started button.
func (s *Sandbox) graphSetPageProfile(c *graphCall) graphAnswer {
	page := c.page()
	if page == nil {
		return unsupported(c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	set := map[string]any{}
	for key, raw := range c.fields {
		if key == "access_token" || key == "appsecret_proof" {
			continue
		}
		var v any
		if !slices.Contains(pageProfileFields, key) || json.Unmarshal(raw, &v) != nil {
			return invalidParameter(fmt.Sprintf("Unexpected key %q on param", key))
		}
		set[key] = v
	}
	if len(set) == 0 {
		return invalidParameter("Requires one of the params: " + strings.Join(pageProfileFields, ","))
	}
	if v, ok := set["get_started"]; ok {
		if o, _ := v.(map[string]any); o == nil || o["payload"] == nil || o["payload"] == "" {
			return invalidParameter("Param get_started[payload] must be a non-empty UTF-8 encoded string")
		}
	}
	if _, menu := set["persistent_menu"]; menu && set["get_started"] == nil && page.profile["get_started"] == nil {
		return graphError(http.StatusBadRequest, 100, 2018145, "(#100) You must set a Get Started button if you also wish to use persistent menu")
	}
	for key, v := range set {
		page.profile[key] = v
	}
	return graphAnswer{status: http.StatusOK, body: map[string]string{"result": "success"}}
}

func (s *Sandbox) graphPageProfile(c *graphCall) graphAnswer {
	page := c.page()
	if page == nil {
		return unsupported(c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string]any{}
	for _, key := range strings.Split(c.text("fields"), ",") {
		if v, ok := page.profile[key]; ok {
			found[key] = v
		}
	}
	return graphAnswer{status: http.StatusOK, body: map[string]any{"data": []any{found}}}
}

func (s *Sandbox) graphClearPageProfile(c *graphCall) graphAnswer {
	page := c.page()
	if page == nil {
		return unsupported(c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range c.fieldNames("fields") {
		delete(page.profile, key)
	}
	return graphAnswer{status: http.StatusOK, body: map[string]string{"result": "success"}}
}
