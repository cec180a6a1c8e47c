package main

import (
	"fmt"
	"reflect"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/flows"
)

func documentPart(*source) (string, error) { return fieldTable(reflect.TypeFor[flows.Document]()) }

func blockPart(*source) (string, error) { return wholeTable(reflect.TypeFor[flows.BlockForm]()) }

func triggerPart(*source) (string, error) { return fieldTable(reflect.TypeFor[flows.TriggerForm]()) }

func actionsPart(*source) (string, error) { return fieldTable(reflect.TypeFor[blocks.ActionForm]()) }

func loopPart(*source) (string, error) { return fieldTable(reflect.TypeFor[blocks.Loop]()) }

func speechPart(*source) (string, error) { return fieldTable(reflect.TypeFor[blocks.Speech]()) }

// typesPart is the table of types an attribute can have.
func typesPart(*source) (string, error) {
	words := map[expression.Type][2]string{
		expression.Text:     {"Any text.", "`\"\"`"},
		expression.Number:   {"`1280000`, `4.5`. From outside also `\"1280000\"`.", "`0`"},
		expression.Boolean:  {"`true` or `false`.", "`false`"},
		expression.Date:     {"A day, `2026-12-30`. From outside also `30/12/2026`, in the bot's order of day and month.", "nothing: it prints as nothing and is neither before nor after anything"},
		expression.DateTime: {"A day and a time, `2026-12-30 12:00`. A time without a zone is the contact's, else the bot's.", "the same"},
		expression.List:     {"A list of values.", "`[]`"},
		expression.JSON:     {"Any JSON.", "`{}`"},
	}
	t := newTable("type", "holds", "unset it reads as")
	for _, typ := range expression.Types() {
		w, ok := words[typ]
		if !ok {
			return "", fmt.Errorf("nothing is written about the type %s", typ)
		}
		t.add(code(string(typ)), w[0], w[1])
	}
	return t.String(), nil
}
