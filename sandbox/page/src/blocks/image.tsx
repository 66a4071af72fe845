import type { ReactNode } from "react";
import { withEmoji } from "../text/emoji.ts";
import { plainOf, textOf, type Json } from "./block-json.ts";

/** Pictures on other machines are not fetched by the sandbox; their description stands in for them. */
export function ImageElement({ image }: { readonly image: Json }): ReactNode {
  const url = textOf(image["image_url"]) ?? "";
  const alt = textOf(image["alt_text"]) ?? "";
  if (!/^data:image\/(png|jpeg|gif|svg\+xml);/.test(url)) {
    return (
      <span className="image-stand-in" role="img" aria-label={alt} title={url}>
        🖼 {alt}
      </span>
    );
  }
  return <img src={url} alt={alt} />;
}

export function ImageBlock({ block }: { readonly block: Json }): ReactNode {
  return (
    <figure className="image-block">
      {plainOf(block["title"]) !== "" && <figcaption>{withEmoji(plainOf(block["title"]))}</figcaption>}
      <ImageElement image={block} />
    </figure>
  );
}
