package line

// message is one of LINE's message objects; which fields it needs hangs on its
// type.
type message struct {
	Type string `json:"type"`

	Text string `json:"text,omitempty"`

	OriginalContentURL string `json:"originalContentUrl,omitempty"`
	PreviewImageURL    string `json:"previewImageUrl,omitempty"`
	Duration           int    `json:"duration,omitempty"` // milliseconds

	Title     string   `json:"title,omitempty"`
	Address   string   `json:"address,omitempty"`
	Latitude  *float64 `json:"latitude,omitempty"`
	Longitude *float64 `json:"longitude,omitempty"`

	AltText  string    `json:"altText,omitempty"`
	Template *template `json:"template,omitempty"`
	Contents *flex     `json:"contents,omitempty"`

	QuickReply *quickReply `json:"quickReply,omitempty"`
}

type quickReply struct {
	Items []quickReplyItem `json:"items"`
}

type quickReplyItem struct {
	Type     string  `json:"type"`
	ImageURL string  `json:"imageUrl,omitempty"`
	Action   *action `json:"action"`
}

// action is what a tap does.
type action struct {
	Type        string  `json:"type"`
	Label       string  `json:"label,omitempty"`
	Data        *string `json:"data,omitempty"` // a postback needs it, be it empty
	DisplayText string  `json:"displayText,omitempty"`
	Text        string  `json:"text,omitempty"`
	URI         string  `json:"uri,omitempty"`
	Mode        string  `json:"mode,omitempty"`
	InputOption string  `json:"inputOption,omitempty"`
}

// template is LINE's older kind of card: plain, and the same on every device.
type template struct {
	Type string `json:"type"` // buttons, carousel or image_carousel

	ThumbnailImageURL string    `json:"thumbnailImageUrl,omitempty"`
	ImageAspectRatio  string    `json:"imageAspectRatio,omitempty"` // rectangle unless said
	Title             string    `json:"title,omitempty"`
	Text              string    `json:"text,omitempty"`
	DefaultAction     *action   `json:"defaultAction,omitempty"`
	Actions           []*action `json:"actions,omitempty"`

	Columns []column `json:"columns,omitempty"`
}

// column is one card of a template carousel, or one picture of a template
// carousel of pictures.
type column struct {
	ThumbnailImageURL string    `json:"thumbnailImageUrl,omitempty"`
	Title             string    `json:"title,omitempty"`
	Text              string    `json:"text,omitempty"`
	DefaultAction     *action   `json:"defaultAction,omitempty"`
	Actions           []*action `json:"actions,omitempty"`

	ImageURL string  `json:"imageUrl,omitempty"`
	Action   *action `json:"action,omitempty"`
}

// flex is the container of a Flex message: a bubble, or a carousel of them.
type flex struct {
	Type string `json:"type"`

	Size   string     `json:"size,omitempty"` // mega unless said
	Hero   *component `json:"hero,omitempty"`
	Body   *component `json:"body,omitempty"`
	Footer *component `json:"footer,omitempty"`
	Action *action    `json:"action,omitempty"`

	Contents []*flex `json:"contents,omitempty"`
}

// component is a piece of a bubble: a box of others, a text, a picture or a
// button.
type component struct {
	Type string `json:"type"`

	Layout   string       `json:"layout,omitempty"`
	Contents []*component `json:"contents,omitempty"`
	Spacing  string       `json:"spacing,omitempty"`

	Text     string `json:"text,omitempty"`
	Wrap     bool   `json:"wrap,omitempty"`
	MaxLines int    `json:"maxLines,omitempty"`
	Weight   string `json:"weight,omitempty"`

	URL         string `json:"url,omitempty"`
	AspectRatio string `json:"aspectRatio,omitempty"`
	AspectMode  string `json:"aspectMode,omitempty"`

	Action *action `json:"action,omitempty"`
	Height string  `json:"height,omitempty"`
	Style  string  `json:"style,omitempty"`

	Size            string `json:"size,omitempty"`
	Align           string `json:"align,omitempty"`
	Color           string `json:"color,omitempty"`
	Margin          string `json:"margin,omitempty"`
	Position        string `json:"position,omitempty"`
	OffsetTop       string `json:"offsetTop,omitempty"`
	OffsetBottom    string `json:"offsetBottom,omitempty"`
	OffsetStart     string `json:"offsetStart,omitempty"`
	OffsetEnd       string `json:"offsetEnd,omitempty"`
	BackgroundColor string `json:"backgroundColor,omitempty"`
	BorderColor     string `json:"borderColor,omitempty"`
	BorderWidth     string `json:"borderWidth,omitempty"`
	CornerRadius    string `json:"cornerRadius,omitempty"`
	PaddingAll      string `json:"paddingAll,omitempty"`
}
