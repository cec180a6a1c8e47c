// Package stream gives answers that are written when their call has returned,
// such as exports, a context of their own: one that ends with the server and
// not with the call. It knows nothing of HTTP.
package stream

import "context"

type lifeKey struct{}

// With tells calls under ctx how long answers may be written: as long as life.
func With(ctx, life context.Context) context.Context {
	return context.WithValue(ctx, lifeKey{}, life)
}

// Context has the values of a call's context and outlives the call. It ends
// with the life the call was told; never, where it was told none.
func Context(ctx context.Context) context.Context {
	values := context.WithoutCancel(ctx)
	life, told := ctx.Value(lifeKey{}).(context.Context)
	if !told {
		return values
	}
	return outliving{life, values}
}

// outliving ends with one context and has the values of another.
type outliving struct {
	context.Context
	values context.Context
}

func (o outliving) Value(key any) any { return o.values.Value(key) }
