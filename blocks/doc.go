// Package blocks is the vocabulary of flows: the steps an author writes, the
// instructions they become, the messages those say and the changes they ask
// for. It knows no people, channels, queue or database; how a document is read
// and which blocks it names is the business of package flows.
//
// A step is read from JSON into its type, checks itself with a Checker and
// compiles into a Code. After its check a step never changes: instructions
// point into it and are shared by all runs.
package blocks
