package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// keyLife is how long an Idempotency-Key answers as it did the first time.
const keyLife = 24 * time.Hour

// Accept stores many orders at once. With keys it takes two round trips, one
// without; tags add one.
func (d *DB) Accept(ctx context.Context, orders []outbox.Stored) ([]outbox.Result, error) {
	results := make([]outbox.Result, len(orders))
	var twins map[int]int
	err := d.transact(ctx, func(t transaction) error {
		var fresh []int
		var err error
		if fresh, twins, err = d.takeKeys(ctx, t, orders, results); err != nil {
			return err
		}
		return d.storeOrders(ctx, t, orders, fresh, results)
	})
	if err != nil {
		return nil, fmt.Errorf("accept orders: %w", err)
	}
	for i, first := range twins {
		use := firstUse{orders[first].BodyHash, results[first]}
		results[i] = use.answer(orders[i])
	}
	return results, nil
}

// storeOrders writes those of the orders that are new; fresh are their indexes.
func (d *DB) storeOrders(ctx context.Context, t transaction, orders []outbox.Stored, fresh []int, results []outbox.Result) error {
	sends := newInput("id text", "bot_id text", "source text", "token_name text", "request text", "created_at timestamptz", "expires_at timestamptz")
	var changes []change
	var rows []*engine.Delivery
	var renders []engine.Render
	var ids []int64
	for _, i := range fresh {
		o := &orders[i]
		results[i] = outbox.Result{SendID: o.Send.ID}
		sends.add(o.Send.ID, o.Send.BotID, o.Send.Source, o.Send.TokenName, channels.CleanJSON(o.Send.Request), o.Send.CreatedAt, o.Send.ExpiresAt)
		c := change{bot: o.Send.BotID, contact: o.ContactID, deltas: &o.Deltas}
		if o.Render != nil {
			renders = append(renders, *o.Render)
		}
		if o.Delivery != nil {
			c.identity = o.Delivery.IdentityID
			row := *o.Delivery
			row.SendID = o.Send.ID
			rows = append(rows, &row)
			results[i].Status, results[i].Reason = row.Status, row.Reason
		}
		changes = append(changes, c)
	}
	s := new(script)
	if !sends.empty() {
		s.with(sends, `INSERT INTO sends (id, bot_id, source, token_name, request, created_at, expires_at)
			SELECT id, bot_id, source, token_name, request, created_at, expires_at FROM v ORDER BY id`)
	}
	saveRenders(s, renders, newest(orders))
	if err := insertDeliveries(s, rows, &ids); err != nil {
		return err
	}
	if err := d.apply(ctx, t, s, changes, newest(orders)); err != nil {
		return err
	}
	if err := t.commit(ctx, s); err != nil {
		return err
	}
	for _, i := range fresh {
		if orders[i].Delivery != nil {
			results[i].DeliveryID, ids = ids[0], ids[1:]
		}
	}
	return nil
}

func newest(orders []outbox.Stored) time.Time {
	var t time.Time
	for i := range orders {
		t = later(t, orders[i].Send.CreatedAt)
	}
	return t
}

// givenKey is a caller's Idempotency-Key: it belongs to the token.
type givenKey struct{ token, key string }

// firstUse is what the first call with a key was.
type firstUse struct {
	body   string
	result outbox.Result
}

// takeKeys writes the orders' keys and returns the indexes of the orders that
// are new. The results of those that an earlier call has stored are what that
// was answered; twins are those that repeat a new one of the same batch, by
// its index.
func (d *DB) takeKeys(ctx context.Context, t transaction, orders []outbox.Stored, results []outbox.Result) (fresh []int, twins map[int]int, err error) {
	first := map[givenKey]int{} // the order that brings a key
	twins = map[int]int{}
	in := newInput("token_hash text", "key text", "body_hash text", "send_id text", "status text", "reason text", "now timestamptz", "expires_at timestamptz")
	for _, i := range byKey(orders) {
		o := &orders[i]
		k := givenKey{o.TokenHash, channels.CleanText(o.Key)}
		if k.key == "" {
			fresh = append(fresh, i)
			continue
		}
		if at, again := first[k]; again {
			twins[i] = at
			continue
		}
		first[k] = i
		status, reason := engine.Status(""), ""
		if o.Delivery != nil {
			status, reason = o.Delivery.Status, o.Delivery.Reason
		}
		in.add(k.token, k.key, o.BodyHash, o.Send.ID, status, reason, o.Send.CreatedAt, o.Send.CreatedAt.Add(keyLife))
	}
	if !in.empty() {
		ours, uses := map[givenKey]bool{}, map[givenKey]firstUse{}
		if err := readKeys(ctx, t, in, ours, uses); err != nil {
			return nil, nil, err
		}
		for k, i := range first {
			if ours[k] {
				fresh = append(fresh, i)
				continue
			}
			results[i] = uses[k].answer(orders[i])
			maps.DeleteFunc(twins, func(twin, at int) bool {
				if at == i {
					results[twin] = uses[k].answer(orders[twin])
				}
				return at == i
			})
		}
	}
	slices.Sort(fresh)
	return fresh, twins, nil
}

// byKey is the order in which keys are locked; those of one key stay in theirs.
func byKey(orders []outbox.Stored) []int {
	out := make([]int, len(orders))
	for i := range out {
		out[i] = i
	}
	slices.SortStableFunc(out, func(a, b int) int {
		x, y := &orders[a], &orders[b]
		return cmp.Or(cmp.Compare(x.TokenHash, y.TokenHash), cmp.Compare(x.Key, y.Key))
	})
	return out
}

// readKeys takes the keys that are free or too old, and reads the first use of
// all of them.
func readKeys(ctx context.Context, t transaction, in *input, ours map[givenKey]bool, uses map[givenKey]firstUse) error {
	s := new(script)
	s.with(in, `INSERT INTO idempotency_keys (token_hash, key, body_hash, send_id, status, reason, expires_at)
		SELECT token_hash, key, body_hash, send_id, status, reason, expires_at FROM v WHERE true ORDER BY token_hash, key
		ON CONFLICT (token_hash, key) DO UPDATE SET body_hash = excluded.body_hash, send_id = excluded.send_id, status = excluded.status,
			reason = excluded.reason, expires_at = excluded.expires_at
		WHERE idempotency_keys.expires_at <= (SELECT MIN(now) FROM v)
		RETURNING token_hash, key`).each(func(r scanner) error {
		var k givenKey
		if err := r.Scan(&k.token, &k.key); err != nil {
			return err
		}
		ours[k] = true
		return nil
	})
	s.with(in, `SELECT k.token_hash, k.key, k.body_hash, k.send_id, k.status, k.reason,
			COALESCE((SELECT MIN(d.id) FROM deliveries d WHERE d.send_id = k.send_id AND d.send_id <> ''), 0)
		FROM v JOIN idempotency_keys k ON k.token_hash = v.token_hash AND k.key = v.key`).each(func(r scanner) error {
		var k givenKey
		var u firstUse
		if err := r.Scan(&k.token, &k.key, &u.body, &u.result.SendID, &u.result.Status, &u.result.Reason, &u.result.DeliveryID); err != nil {
			return err
		}
		uses[k] = u
		return nil
	})
	return t.run(ctx, s)
}

// answer is what a later call with the key gets.
func (u firstUse) answer(o outbox.Stored) outbox.Result {
	if u.body != o.BodyHash {
		return outbox.Result{Err: &engine.Error{Code: engine.Conflict, Field: "Idempotency-Key",
			Message: fmt.Sprintf("the key %q was used for another request: a key repeats one request only", o.Key)}}
	}
	r := u.result
	r.Repeated = true
	return r
}
