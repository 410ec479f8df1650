import { describe, expect, it } from "vitest";
import { SrtpSession, srtpProfile } from "../../src/index.js";
import { GcmRtcp, GcmRtp } from "../../src/srtp/ciphers/gcm.js";
import { deriveKey, keyLabel } from "../../src/srtp/key-derivation.js";
import { Keystream } from "../../src/srtp/ciphers/keystream.js";
import { hex, toHex } from "../support/bytes.js";

describe("RFC 3711 appendix B.2: AES in counter mode", () => {
  const keystream = new Keystream(
    hex("2b7e151628aed2a6abf7158809cf4f3c"),
    hex("f0f1f2f3f4f5f6f7f8f9fafbfcfd"),
  );
  const blocks = 0xff02;
  const zeros = new Uint8Array(blocks * 16);
  const stream = new Uint8Array(blocks * 16);
  keystream.apply(zeros, stream, 0, stream.length, 0, 0);

  it.each([
    [0x0000, "e03ead0935c95e80e166b16dd92b4eb4"],
    [0x0001, "d23513162b02d0f72a43a2fe4a5f97ab"],
    [0x0002, "41e95b3bb0a2e8dd477901e4fca894c0"],
    [0xfeff, "ec8cdf7398607cb0f2d21675ea9ea1e4"],
    [0xff00, "362b7c3c6773516318a077d7fc5073ae"],
    [0xff01, "6a2cc3787889374fbeb4c81b17ba6c44"],
  ])("makes block %i of the keystream", (block, expected) => {
    expect(toHex(stream.subarray(block * 16, (block + 1) * 16))).toBe(expected);
  });
});

describe("RFC 3711 appendix B.3: key derivation", () => {
  const key = hex("e1f97a0d3e018be0d64fa32c06de4139");
  const salt = hex("0ec675ad498afeebb6960b3aabe6");

  it.each([
    ["cipher key", keyLabel.rtpEncryption, "c61e7a93744f39ee10734afe3ff7a087"],
    ["cipher salt", keyLabel.rtpSalt, "30cbbc08863d8c85d49db34a9ae1"],
    [
      "authentication key",
      keyLabel.rtpAuthentication,
      "cebe321f6ff7716b6fd4ab49af256a156d38baa48f0a0acf3c34e2359e6cdbce e049646c43d9327ad175578ef72270986371c10c9a369ac2f94a8c5fbcdddc25 6d6e919a48b610ef17c2041e474035766b68642c59bbfc2f34db60dbdfb2dc68",
    ],
  ])("makes the %s", (_name, label, expected) => {
    const { length } = hex(expected);
    expect(toHex(deriveKey(key, salt, label, length))).toBe(toHex(hex(expected)));
  });
});

// The known answers of libsrtp's own driver: they go through key derivation, also where the salt has 12 bytes.
const references = [
  {
    profile: srtpProfile.aes128CmSha1Tag80,
    key: "e1f97a0d3e018be0d64fa32c06de4139",
    salt: "0ec675ad498afeebb6960b3aabe6",
    srtp: "4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb",
    srtcp: "7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798",
  },
  {
    profile: srtpProfile.aeadAes128Gcm,
    key: "000102030405060708090a0b0c0d0e0f",
    salt: "a0a1a2a3a4a5a6a7a8a9aaab",
    srtp: "c5002ede04cfdd2eb91159e0880aa06ed2976826f796b201df3131a127e8a392",
    srtcp: "c98b8b5df0392a55852b6c21ac8e7025c52c6fbea2b3b446ea31123ba88ce61e80000001",
  },
];

describe.each(references)("profile $profile, the reference packets of libsrtp", (reference) => {
  const key = hex(reference.key);
  const salt = hex(reference.salt);
  const { profile } = reference;
  const keys = { profile, localKey: key, localSalt: salt, remoteKey: key, remoteSalt: salt };
  const rtpHeader = "800f1234decafbadcafebabe";
  const rtcpHeader = "81c8000bcafebabe";
  const rtp = hex(rtpHeader, "ab".repeat(16));
  const rtcp = hex(rtcpHeader, "ab".repeat(16));

  it("protects and opens RTP", () => {
    const sealed = rtpHeader + reference.srtp;
    expect(toHex(new SrtpSession(keys).protectRtp(rtp))).toBe(sealed);
    expect(new SrtpSession(keys).unprotectRtp(hex(sealed))).toEqual(rtp);
  });

  it("protects and opens RTCP, here the packet with index 1", () => {
    const sealed = rtcpHeader + reference.srtcp;
    const session = new SrtpSession(keys);
    session.protectRtcp(rtcp);
    expect(toHex(session.protectRtcp(rtcp))).toBe(sealed);
    expect(new SrtpSession(keys).unprotectRtcp(hex(sealed))).toEqual(rtcp);
  });
});

describe("RFC 7714 sections 16 and 17: AEAD_AES_128_GCM", () => {
  const key = hex("000102030405060708090a0b0c0d0e0f");
  const salt = hex("517569642070726f2071756f");
  const rtp = hex(
    "8040f17b8041f8d35501a0b2",
    "47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573",
  );
  const srtp = hex(
    "8040f17b8041f8d35501a0b2",
    "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833",
    "899d7f27beb16a9152cf765ee4390cce",
  );
  const rtcp = hex(
    "81c8000d4d617273",
    "4e5450314e545032525450200000042a0000e9304c756e61",
    "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
  );
  const srtcp = hex(
    "81c8000d4d617273",
    "63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32d",
    "c676a5f1730d6fda4ce09b4686303ded0bb9275b",
    "c84aa45896cf4d2fc5abf87245d9eade",
    "800005d4",
  );
  const tagged = hex(toHex(rtcp), "841dd9683dd78ec92ae58790125f62b3", "000005d4");

  it("protects RTP (16.1.1)", () => {
    expect(toHex(new GcmRtp(key, salt).seal(rtp, 12, 0xf17b))).toBe(toHex(srtp));
  });

  it("opens RTP (16.1.2)", () => {
    expect(new GcmRtp(key, salt).open(srtp, 12, 0xf17b)).toEqual(rtp);
  });

  it("protects RTCP (17.1)", () => {
    expect(toHex(new GcmRtcp(key, salt).seal(rtcp, 0x5d4))).toBe(toHex(srtcp));
  });

  it("opens RTCP (17.2)", () => {
    const cipher = new GcmRtcp(key, salt);
    expect(cipher.trailer(srtcp)).toBe(0x8000_05d4);
    expect(cipher.open(srtcp, 0x8000_05d4)).toEqual(rtcp);
  });

  it("opens RTCP that is authenticated but not encrypted (17.4)", () => {
    const cipher = new GcmRtcp(key, salt);
    expect(cipher.trailer(tagged)).toBe(0x5d4);
    expect(cipher.open(tagged, 0x5d4)).toEqual(rtcp);
  });
});
