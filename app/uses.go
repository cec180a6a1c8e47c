package app

// useView is something that names a tag or an attribute.
type useView struct {
	Flow  string `json:"flow"`
	Block string `json:"block"`
	By    string `json:"by"`
	How   string `json:"how"`
}

// uses lists what names something.
func (s *session) uses(uses []useView) error {
	if len(uses) == 0 {
		return s.line("nothing names it")
	}
	t := newTable("WHERE", "BLOCK", "DOES")
	for _, u := range uses {
		where := u.By
		if where == "" {
			where = "flow " + u.Flow
		}
		t.add(where, u.Block, u.How+" it")
	}
	return t.write(s.p.Out)
}
