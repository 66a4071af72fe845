/** The one table: cases, runs, timelines, leases. It is the bot's memory, so nothing removes it by accident. */
import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, Billing, ProjectionType, TableEncryptionV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Construct } from "constructs";
import { tableShape } from "../../src/domain/tableShape.ts";

export class CaseTable extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string, name: string) {
    super(scope, id);
    const { partitionKey, sortKey, dueIndex, expiry } = tableShape;
    // TableV2 even for one region: a second region later is then an update of this resource, not a new empty table.
    this.table = new TableV2(this, "Table", {
      tableName: name,
      partitionKey: { name: partitionKey, type: AttributeType.STRING },
      sortKey: { name: sortKey, type: AttributeType.STRING },
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.dynamoOwnedKey(),
      // The longest that DynamoDB offers. A bad release that spoils items is noticed late.
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: 35 },
      // What the bot marks as old is deleted by DynamoDB; cases never carry the mark.
      timeToLiveAttribute: expiry,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      globalSecondaryIndexes: [
        {
          indexName: dueIndex.name,
          partitionKey: { name: dueIndex.partitionKey, type: AttributeType.STRING },
          sortKey: { name: dueIndex.sortKey, type: AttributeType.NUMBER },
          projectionType: ProjectionType[dueIndex.projection],
        },
      ],
    });
  }
}
