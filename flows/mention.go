package flows

// Mention is a block or module of a document that names an attribute or a tag.
type Mention struct {
	Block string // "" where only the document's declaration of an attribute is
	How   string
}

// How a document names an attribute or a tag.
const (
	MentionDeclares = "declares" // an attribute
	MentionSets     = "sets"     // an attribute
	MentionAdds     = "adds"     // a tag
	MentionRemoves  = "removes"  // a tag
	MentionReads    = "reads"
)
