package broadcast

// SpreadOf is how a broadcast's variants are shared.
var SpreadOf = spread
