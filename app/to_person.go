package app

// toPerson is how a command names the person it is about.
type toPerson struct {
	Phone      string `group:"To" xor:"to" help:"Phone number, national or international."`
	Contact    int64  `group:"To" xor:"to" help:"Contact id."`
	Identity   int64  `group:"To" xor:"to" help:"Identity id."`
	ExternalID string `name:"external-id" group:"To" xor:"to" help:"Your own id for the person."`
	User       string `group:"To" xor:"to" help:"The platform's id of the person, with --account."`
	Account    string `group:"To" help:"Account id, for --user."`
}

// to is the person as the API takes them.
func (c *toPerson) to() (map[string]any, error) {
	to := map[string]any{}
	switch {
	case c.Phone != "":
		to["phone"] = c.Phone
	case c.Contact != 0:
		to["contact"] = c.Contact
	case c.Identity != 0:
		to["identity"] = c.Identity
	case c.ExternalID != "":
		to["external_id"] = c.ExternalID
	case c.User != "" && c.Account != "":
		to["user"], to["account"] = c.User, c.Account
	case c.User != "":
		return nil, exitWith(exitUsage, "--user needs --account")
	default:
		return nil, exitWith(exitUsage, "say to whom with --phone, --contact, --identity, --external-id or --user")
	}
	return to, nil
}
