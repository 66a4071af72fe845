import { Component, useId, useState, type ReactNode } from "react";
import { withEmoji } from "../text/emoji.ts";
import { MrkdwnText } from "../text/mrkdwn-text.tsx";
import { usePlace } from "../slack/place.tsx";
import { isJson, objectsOf, plainOf, textOf, type Json } from "./block-json.ts";
import { Chart } from "./chart.tsx";
import { Element } from "./elements.tsx";
import { ImageBlock, ImageElement } from "./image.tsx";
import { Plan, TaskCard } from "./plan.tsx";
import { RichText } from "./rich-text.tsx";
import { Table } from "./table.tsx";
import { TextObject } from "./text-object.tsx";
import { UnsupportedBlock } from "./unsupported-block.tsx";

/** Draws blocks one below the other. A block that cannot be drawn never takes the others with it. */
export function Blocks({ blocks }: { readonly blocks: readonly Json[] }): ReactNode {
  return (
    <div className="blocks">
      {objectsOf(blocks).map((block, index) => (
        <BlockGuard key={textOf(block["block_id"]) ?? index} type={textOf(block["type"]) ?? "nameless"}>
          <Block block={block} />
        </BlockGuard>
      ))}
    </div>
  );
}

/** React takes the whole tree down when one component throws, unless somebody stands in between. */
class BlockGuard extends Component<
  { readonly type: string; readonly children: ReactNode },
  { readonly failed: boolean }
> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? <UnsupportedBlock type={this.props.type} /> : this.props.children;
  }
}

function Block({ block }: { readonly block: Json }): ReactNode {
  const blockId = textOf(block["block_id"]) ?? "";
  switch (block["type"]) {
    case "header":
      return <h3 className="block-header">{withEmoji(plainOf(block["text"]))}</h3>;
    case "section":
      return <Section block={block} blockId={blockId} />;
    case "context":
      return <Context block={block} />;
    case "actions":
      return (
        <div className="block-actions">
          {objectsOf(block["elements"]).map((element, index) => (
            <Element key={textOf(element["action_id"]) ?? index} element={element} blockId={blockId} />
          ))}
        </div>
      );
    case "divider":
      return <hr />;
    case "image":
      return <ImageBlock block={block} />;
    case "input":
      return <Input block={block} blockId={blockId} />;
    case "markdown":
      return <MrkdwnText text={textOf(block["text"]) ?? ""} dialect="markdown" />;
    case "rich_text":
      return <RichText block={block} />;
    case "table":
    case "data_table":
      return <Table block={block} />;
    case "plan":
      return <Plan block={block} />;
    case "task_card":
      return <TaskCard task={block} />;
    case "data_visualization":
      return <Chart block={block} />;
    case "alert":
      return (
        <div className={`alert alert-${textOf(block["level"]) ?? "default"}`} role="note">
          <TextObject value={block["text"]} />
        </div>
      );
    case "container":
      return <Container block={block} />;
    case "card":
      return <Card block={block} blockId={blockId} />;
    case "carousel":
      return (
        <div className="carousel">
          {objectsOf(block["elements"]).map((card, index) => (
            <Card key={index} block={card} blockId={blockId} />
          ))}
        </div>
      );
    default:
      return <UnsupportedBlock type={textOf(block["type"]) ?? "nameless"} />;
  }
}

function Section({ block, blockId }: { readonly block: Json; readonly blockId: string }): ReactNode {
  const fields = objectsOf(block["fields"]);
  return (
    <div className="block-section">
      <div className="block-section-text">
        <TextObject value={block["text"]} />
        {fields.length > 0 && (
          <div className="fields">
            {fields.map((field, index) => (
              <div key={index}>
                <TextObject value={field} />
              </div>
            ))}
          </div>
        )}
      </div>
      {isJson(block["accessory"]) && (
        <div className="block-accessory">
          <Element element={block["accessory"]} blockId={blockId} />
        </div>
      )}
    </div>
  );
}

function Context({ block }: { readonly block: Json }): ReactNode {
  return (
    <div className="block-context">
      {objectsOf(block["elements"]).map((element, index) => (
        <span key={index} className="context-element">
          {element["type"] === "image" ? <ImageElement image={element} /> : <TextObject value={element} />}
        </span>
      ))}
    </div>
  );
}

function Input({ block, blockId }: { readonly block: Json; readonly blockId: string }): ReactNode {
  const place = usePlace();
  const labelId = useId();
  const error = place.errors[blockId];
  const hint = plainOf(block["hint"]);
  return (
    <div className={error === undefined ? "block-input" : "block-input block-input-wrong"}>
      <div className="input-label" id={labelId}>
        {withEmoji(plainOf(block["label"]))}
        {block["optional"] === true && <span className="input-optional"> (optional)</span>}
      </div>
      {isJson(block["element"]) && (
        <Element
          element={block["element"]}
          blockId={blockId}
          isInput={block["dispatch_action"] !== true}
          labelledBy={labelId}
        />
      )}
      {error !== undefined && (
        <div className="input-error" role="alert">
          {error}
        </div>
      )}
      {hint !== "" && <div className="input-hint">{withEmoji(hint)}</div>}
    </div>
  );
}

function Container({ block }: { readonly block: Json }): ReactNode {
  const isCollapsible = block["is_collapsible"] === true;
  const [isOpen, setOpen] = useState(!(isCollapsible && block["default_collapsed"] === true));
  const title = isJson(block["rich_text_title"]) ? (
    <RichText block={block["rich_text_title"]} />
  ) : (
    withEmoji(plainOf(block["title"]))
  );
  const head = (
    <>
      {isCollapsible && <span className={isOpen ? "chevron chevron-open" : "chevron"} aria-hidden="true" />}
      <span className="container-titles">
        <b>{title}</b>
        {block["subtitle"] !== undefined && (
          <span className="container-subtitle">
            <TextObject value={block["subtitle"]} />
          </span>
        )}
      </span>
    </>
  );
  const hasHead = block["title"] !== undefined || block["rich_text_title"] !== undefined || isCollapsible;
  return (
    <div className="container-block">
      {hasHead &&
        (isCollapsible ? (
          <button type="button" className="container-head" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {head}
          </button>
        ) : (
          <div className="container-head">{head}</div>
        ))}
      {isOpen && <Blocks blocks={objectsOf(block["child_blocks"])} />}
    </div>
  );
}

function Card({ block, blockId }: { readonly block: Json; readonly blockId: string }): ReactNode {
  return (
    <div className="card-block">
      {(["title", "subtitle", "body"] as const).map((part) => (
        <div key={part} className={`card-${part}`}>
          <TextObject value={block[part]} />
        </div>
      ))}
      <div className="block-actions">
        {objectsOf(block["actions"]).map((element, index) => (
          <Element key={index} element={element} blockId={blockId} />
        ))}
      </div>
    </div>
  );
}
