package wire

// ProjectKey names a project: 40 lower-case hexadecimal characters, Smartlook's
// shape, so that customers who move keep theirs.
type ProjectKey string

// ID names a visitor, a session or a record (one page load in one tab): 21
// characters of the URL-safe alphabet A–Z a–z 0–9 _ -, random (126 bits), made by
// the browser. The empty ID means "none" (Tier A has no session and no visitor).
type ID string

// IDLen is the length of every ID, Smartlook's shape.
const IDLen = 21

// Valid says whether k has the shape of a project key.
func (k ProjectKey) Valid() bool {
	if len(k) != 40 {
		return false
	}
	for i := range len(k) {
		c := k[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// Valid says whether id has the shape of an ID; the empty ID is not valid.
func (id ID) Valid() bool {
	if len(id) != IDLen {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// Shards is the number of virtual shards (architecture.md): fixed for ever, so
// that changing the number of processors never splits a session.
const Shards = 1024

// Shard says which virtual shard a session (or, for Tier A, a record) belongs to.
func (id ID) Shard() int {
	h := uint32(2166136261) // FNV-1a, 32 bits
	for i := range len(id) {
		h = (h ^ uint32(id[i])) * 16777619
	}
	return int(h % Shards)
}
