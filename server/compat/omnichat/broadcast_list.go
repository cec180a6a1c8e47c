package omnichat

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/compat/lenient"
)

// Types of a broadcast.
const (
	typeBroadcast = 1 // planned by people, or by our own API
	typeOpenAPI   = 3 // by this one
)

// Where a broadcast's people come from.
const (
	fromFilter  = 1
	fromList    = 2
	fromOpenAPI = 3
	fromSegment = 4
)

// Statuses of a broadcast.
const (
	statusPending    = 0 // its audience is being written down
	statusCompleted  = 1
	statusProcessing = 2 // also while it is paused
	statusCanceled   = 3
	statusScheduled  = 4
	statusFailed     = 9 // its time passed, and it never began
)

// statusFilters are what callers ask for statuses by. A draft has none: it is
// no broadcast yet for this product.
func statusFilters() map[string]engine.BroadcastFilter {
	yes, no := true, false
	return map[string]engine.BroadcastFilter{
		"pending":    {States: []engine.BroadcastState{engine.BroadcastRunning}, Freezing: &yes},
		"scheduled":  {States: []engine.BroadcastState{engine.BroadcastScheduled}},
		"processing": {States: []engine.BroadcastState{engine.BroadcastRunning, engine.BroadcastPaused}, Freezing: &no},
		"completed":  {States: []engine.BroadcastState{engine.BroadcastFinished}},
		"canceled":   {States: []engine.BroadcastState{engine.BroadcastCanceled}},
		"failed":     {States: []engine.BroadcastState{engine.BroadcastMissed}},
	}
}

// statusOf is where a broadcast stands; run is its newest, nil when there is
// none.
func statusOf(b *engine.Broadcast, run *engine.Run) int {
	switch b.State {
	case engine.BroadcastScheduled:
		return statusScheduled
	case engine.BroadcastFinished:
		return statusCompleted
	case engine.BroadcastCanceled:
		return statusCanceled
	case engine.BroadcastMissed:
		return statusFailed
	case engine.BroadcastRunning:
		if run == nil || run.State == engine.RunFreezing || run.State == engine.RunPreparing {
			return statusPending
		}
	}
	return statusProcessing
}

// listBroadcasts lists them with their figures, the newest first.
func (s *Surface) listBroadcasts(c *fiber.Ctx, who *caller) (any, error) {
	ctx := c.UserContext()
	at, err := placeOf(who.given)
	if err != nil {
		return nil, err
	}
	known, err := s.known(ctx, who.bot)
	if err != nil {
		return nil, err
	}
	filter, anybody, err := s.readFilter(ctx, who, known)
	if err != nil {
		return nil, err
	}
	out := page[summary]{Content: []summary{}}
	if !anybody {
		return out, nil
	}
	rows, total, err := s.Kept.BroadcastsAt(ctx, who.bot.ID, filter, at.offset(), at.size)
	if err != nil {
		return nil, err
	}
	out.Total = total
	for i := range rows {
		d, err := s.detail(ctx, who.bot, known, rows[i].ID)
		if err != nil {
			return nil, err
		}
		out.Content = append(out.Content, d.summary)
	}
	return out, nil
}

// readFilter reads which broadcasts are asked for; anybody is false where no
// account can have sent such a one.
func (s *Surface) readFilter(ctx context.Context, who *caller, known *connections) (f engine.BroadcastFilter, anybody bool, err error) {
	bad := func(code, format string, args ...any) (engine.BroadcastFilter, bool, error) {
		return f, false, refuse(fiber.StatusBadRequest, code, format, args...)
	}
	given := who.given
	switch status := given.Text("status"); {
	case status == "":
		f.States = []engine.BroadcastState{engine.BroadcastScheduled, engine.BroadcastRunning, engine.BroadcastPaused, engine.BroadcastFinished, engine.BroadcastCanceled, engine.BroadcastMissed}
	default:
		filters := statusFilters()
		var ok bool
		if f, ok = filters[strings.ToLower(status)]; !ok {
			return bad(codeMismatch, "status is none of %s", strings.Join(slices.Sorted(maps.Keys(filters)), ", "))
		}
	}
	var planned string
	switch kind := given.Text("type"); kind {
	case "":
		return bad(codeMissing, "type is missing: 1 for broadcasts that people planned, 3 for those of POST /v1/broadcast")
	case "1":
	case "3":
		planned = source
	default:
		return bad(codeMismatch, "type is 1 or 3, not %q", cut(kind))
	}
	f.Source = &planned
	var p platform
	if name := given.Text("platform"); name != "" {
		var told string
		if p, told = platformOf(name); p.name == "" {
			return bad(codeMismatch, "platform %s", told)
		} else if told != "" { // nothing was ever sent there
			return f, false, nil
		}
	}
	accounts := known.of(p.kind)
	if id := given.Text("channelId"); id != "" {
		if accounts, err = s.meant(ctx, who.bot, accounts, id); err != nil {
			return f, false, err
		}
	}
	if p.name == "" && given.Text("channelId") == "" {
		return f, true, nil
	}
	for _, a := range accounts {
		f.Accounts = append(f.Accounts, a.ID)
	}
	return f, len(accounts) > 0, nil
}

// meant are those of some accounts that an id means.
func (s *Surface) meant(ctx context.Context, bot *engine.Bot, of []engine.Account, id string) ([]engine.Account, error) {
	var out []engine.Account
	for _, a := range of {
		found, err := lenient.Account(ctx, s.Directory, bot, a.Channel, id)
		if err != nil {
			return nil, err
		}
		if found != nil && found.ID == a.ID {
			out = append(out, a)
		}
	}
	return out, nil
}
