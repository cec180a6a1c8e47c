package messenger

import (
	"net/http"

	"github.com/blockcast/blockcast/channels"
)

// fault is what Meta says about a refused call, as far as it decides.
type fault struct {
	code, subcode int
	transient     bool
	status        int
	template      bool // the call was for an approved template
	ofPage        bool // the words name the Page itself
	ofToken       bool // the words are about the token or its proof
}

// class is what follows from a refusal.
type class struct {
	kind  channels.ErrorKind
	scope channels.Scope
	retry channels.Retry
}

func person(k channels.ErrorKind) class {
	return class{k, channels.ScopeRecipient, channels.RetryNever}
}
func account(k channels.ErrorKind) class { return class{k, channels.ScopeAccount, channels.RetryLater} }

// classify decides by code and subcode, as Meta asks to; words change.
// https://developers.facebook.com/docs/messenger-platform/error-codes
func classify(f fault) class {
	if c, known := bySubcode(f); known {
		return c
	}
	switch code := f.code; {
	case f.ofToken:
		return account(channels.KindAuth)
	case f.transient:
		return account(channels.KindDown)
	case code == 551: // they blocked the Page, left, or are gone
		return person(channels.KindBlocked)
	case code == 1545041: // called both "window closed" and "unavailable"; the milder holds, our own clock decides
		return person(channels.KindWindowClosed)
	case code == 4, code == 341:
		return class{channels.KindThrottled, channels.ScopeApp, channels.RetryLater}
	case code == 17, code == 32, code == 613, code == 80001, code == 80006, f.status == http.StatusTooManyRequests:
		return account(channels.KindThrottled)
	case code == 368, code == 2022:
		return account(channels.KindRestricted)
	case code == 190, code == 102, code == 3, code == 10, code >= 200 && code <= 299:
		return account(channels.KindAuth)
	case code == 506: // the same message again
		return person(channels.KindContent)
	case code == 1, code == 2, code == 1200, f.status >= 500:
		return account(channels.KindDown)
	case code == 0 && f.status == http.StatusUnauthorized:
		return account(channels.KindAuth)
	case f.template:
		return person(channels.KindTemplate)
	}
	return person(channels.KindContent) // 100 and what is about the message
}

// bySubcode classes what the code alone would class otherwise. Some faults
// have come as a subcode and as a code of their own.
func bySubcode(f fault) (class, bool) {
	sub := f.subcode
	if f.code > 1_000_000 && f.code != 1545041 {
		sub = f.code
	}
	switch {
	case f.code == 10 && (sub == 2018278 || sub == 2018065 || sub == 2534022):
		return person(channels.KindWindowClosed), true
	case f.code == 10 && sub == 2018108, f.code == 100 && sub == 2018001, f.code == 200 && sub == 1545041:
		return person(channels.KindBlocked), true
	case f.code == 10 && sub == 1893063: // barred from sending for a time
		return account(channels.KindRestricted), true
	case f.code == 100 && sub == 33: // an object this token cannot see
		if f.ofPage {
			return account(channels.KindAuth), true
		}
		return person(channels.KindBlocked), true
	case f.code == 4 && (sub == 2018022 || sub == 2018354), f.code == 9 && sub == 2018352:
		return class{channels.KindThrottled, channels.ScopeRecipient, channels.RetryLater}, true
	case f.code == 1 && sub == 1357046: // seen although the message had gone out
		return class{channels.KindDown, channels.ScopeAccount, channels.RetryUnknown}, true
	case sub == 2018300 || sub == 2018321: // another application leads this conversation
		return person(channels.KindRestricted), true
	case sub >= 2018173 && sub <= 2018188: // a media template
		return person(channels.KindContent), true
	}
	return class{}, false
}
