package console

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
)

// Who is meant, as the form's choices name it.
const (
	whoAll     = "all"
	whoWhere   = "where"
	whoSegment = "segment"
	whoList    = "list"
)

// formWho is the form's part about who is meant.
type formWho struct {
	Who        string
	Where      string
	Segment    string
	List       string
	But        string // an expression over those who are left out
	ButSegment string
	ButList    string
	First      string // a number
	Accounts   []string
	Prefer     string // the account for those who are on several
	Every      bool   // each address of a person
	kept       engine.Audience
}

func whoOf(a engine.Audience) formWho {
	f := formWho{Who: whoAll, kept: a, Accounts: a.Accounts, Every: a.EveryIdentity}
	switch {
	case a.Where != "":
		f.Who, f.Where = whoWhere, a.Where
	case a.Segment != "":
		f.Who, f.Segment = whoSegment, a.Segment
	case a.List != "":
		f.Who, f.List = whoList, a.List
	}
	if a.Exclude != nil {
		f.But, f.ButSegment, f.ButList = a.Exclude.Where, a.Exclude.Segment, a.Exclude.List
	}
	if a.First > 0 {
		f.First = strconv.Itoa(a.First)
	}
	if len(a.Accounts) > 1 {
		f.Prefer = a.Accounts[0]
	}
	return f
}

func readWho(c *fiber.Ctx, kept engine.Audience) formWho {
	text := func(name string) string { return strings.TrimSpace(c.FormValue(name)) }
	return formWho{Who: text("who"), Where: text("where"), Segment: text("segment"), List: text("list"), But: text("but"), ButSegment: text("but_segment"), ButList: text("but_list"),
		First: text("first"), Accounts: many(c, "account"), Prefer: text("prefer"), Every: text("every") != "", kept: kept}
}

func (f *formWho) audience() (engine.Audience, error) {
	a := engine.Audience{All: f.Who == whoAll, EveryIdentity: f.Every}
	switch f.Who {
	case whoWhere:
		if a.Where = f.Where; a.Where == "" {
			return a, invalid("audience.where", "Write who is meant, or choose everyone.")
		}
	case whoSegment:
		if a.Segment = f.Segment; a.Segment == "" {
			return a, invalid("audience.segment", "Choose a segment.")
		}
	case whoList:
		if a.List = f.List; a.List == "" {
			return a, invalid("audience.list", "Choose a list.")
		}
	}
	var err error
	if a.Exclude, err = f.exclude(); err != nil {
		return a, err
	}
	if a.Accounts, err = f.accounts(); err != nil {
		return a, err
	}
	a.First, err = number("audience.first", f.First)
	return a, err
}

// exclude is who is left out, nil for nobody.
func (f *formWho) exclude() (*engine.Audience, error) {
	x := engine.Audience{Where: f.But, Segment: f.ButSegment, List: f.ButList}
	said := 0
	for _, is := range [...]bool{x.Where != "", x.Segment != "", x.List != ""} {
		if is {
			said++
		}
	}
	switch was := f.kept.Exclude; {
	case said > 1:
		return nil, invalid("audience.exclude", "Leave out who an expression means, or a segment, or a list: only one of them.")
	case was != nil && was.Where == x.Where && was.Segment == x.Segment && was.List == x.List:
		return was, nil // with whom it excludes in turn
	case said == 0:
		return nil, nil
	}
	return &x, nil
}

// accounts are those that are chosen, the preferred first.
func (f *formWho) accounts() ([]string, error) {
	preferred := slices.Index(f.Accounts, f.Prefer)
	switch was := f.kept.Accounts; {
	case f.Prefer != "" && preferred < 0:
		return nil, invalid("audience.accounts", "Choose the accounts it goes out on: the preferred one, and at least one other.")
	case len(was) == len(f.Accounts) && (len(was) < 2 || was[0] == f.Prefer) && !slices.ContainsFunc(was, func(id string) bool { return !slices.Contains(f.Accounts, id) }):
		return was, nil // in the order it had
	case preferred > 0:
		return append([]string{f.Prefer}, slices.Delete(slices.Clone(f.Accounts), preferred, preferred+1)...), nil
	}
	return f.Accounts, nil
}
