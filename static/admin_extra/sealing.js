// Seals texts that the browser keeps, with a key that only the pages of the user who is logged in hold: nobody else at
// the same browser can read them.
"use strict";

window.sealing = (hex) => {
  const bytesOf = (text) => Uint8Array.from(text.match(/../g).map((pair) => parseInt(pair, 16)));
  // only https and localhost have it; elsewhere nothing is kept
  const key = window.crypto.subtle?.importKey("raw", bytesOf(hex), "AES-GCM", false, ["encrypt", "decrypt"]);
  const LENGTH = 12;

  const seal = async (text) => {
    const iv = crypto.getRandomValues(new Uint8Array(LENGTH));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key, new TextEncoder().encode(text));
    return btoa([...iv, ...new Uint8Array(sealed)].map((byte) => String.fromCharCode(byte)).join(""));
  };

  const unseal = async (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const options = { name: "AES-GCM", iv: bytes.slice(0, LENGTH) };
    return new TextDecoder().decode(await crypto.subtle.decrypt(options, await key, bytes.slice(LENGTH)));
  };

  return { isPossible: Boolean(key), seal, unseal };
};
