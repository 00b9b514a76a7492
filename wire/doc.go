// Package wire is the contract between the recorder in the browser and the
// collector: the envelope around a chunk, the events inside it, and the limits
// that both sides keep. It imports nothing of ours, so that every other room may
// import it. The bytes are specified in docs/format/envelope.md.
package wire
