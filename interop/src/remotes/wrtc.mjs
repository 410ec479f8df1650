// libwebrtc, by @roamhq/wrtc.
import wrtc from "@roamhq/wrtc";
import { emit, serve } from "./serve.mjs";
import { w3cRemote } from "./w3c.mjs";

serve(w3cRemote(wrtc.RTCPeerConnection, emit));
