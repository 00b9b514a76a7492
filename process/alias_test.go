package process

import "encoding/json"

type jsonRaw = json.RawMessage
