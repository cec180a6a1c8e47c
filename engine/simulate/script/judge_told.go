package script

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/blockcast/blockcast/engine/simulate"
)

// told compares what outgoing webhooks would be told, in order. Of the data
// only what is named is compared.
func (j *judging) told(n *node) {
	var told []simulate.Notice
	for _, s := range j.scenes {
		list, err := s.Tells()
		if err != nil {
			j.fail(n, "notices", "", err.Error())
			return
		}
		told = append(told, list...)
	}
	for i, item := range n.items {
		what := fmt.Sprintf("notice %d", i+1)
		want := item.text()
		if t := item.get("topic"); t != nil {
			want = t.text()
		}
		if i >= len(told) {
			j.fail(item, what, quoted(want), "nothing more is told")
			continue
		}
		if !simulate.Like(want, told[i].Topic) {
			j.fail(item, what, quoted(want), quoted(told[i].Topic))
			continue
		}
		j.toldData(item.get("data"), what, told[i].Data)
	}
	for i := len(n.items); i < len(told); i++ {
		j.fail(n, fmt.Sprintf("notice %d", i+1), "nothing more is told", quoted(told[i].Topic))
	}
}

func (j *judging) toldData(want *node, what string, data []byte) {
	if want == nil {
		return
	}
	var got map[string]any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&got); err != nil {
		j.fail(want, what+"'s data", shown(want.plain()), err.Error())
		return
	}
	for _, m := range want.members {
		v, has := got[m.key]
		text, told := v.(string)
		if told && m.value.shape == isText && simulate.Like(m.value.text(), text) {
			continue
		}
		if !has || !sameJSON(m.value.plain(), v) {
			j.fail(m.value, what+"'s "+m.key, shown(m.value.plain()), shown(v))
		}
	}
}
