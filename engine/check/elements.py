"""The table of BPMN's elements that `metamodel` reads; its docstring explains the lines."""

TABLE = """
~baseElement @id:id ; documentation* extensionElements?
documentation @id:id @textFormat:mime
extensionElements
definitions < baseElement @name @targetNamespace:text! @expressionLanguage @typeLanguage @exporter @exporterVersion ; import* extension* rootElement* relationship*
import @namespace:text! @location:text! @importType:text!
extension @definition @mustUnderstand:bool ; documentation*
relationship < baseElement @type:text! @direction:None|Forward|Backward|Both ; source+ target+
source
target
~rootElement < baseElement
~flowElement < baseElement @name ; auditing? monitoring? categoryValueRef*>categoryValue
auditing < baseElement
monitoring < baseElement
~flowNode < flowElement ; incoming*>sequenceFlow outgoing*>sequenceFlow
sequenceFlow < flowElement @sourceRef>flowNode! @targetRef>flowNode! @isImmediate:bool ; conditionExpression?
~activity < flowNode @isForCompensation:bool @startQuantity:whole @completionQuantity:whole @default>sequenceFlow ; ioSpecification? property* dataInputAssociation* dataOutputAssociation* resourceRole* loopCharacteristics?
task < activity
businessRuleTask < task @implementation
manualTask < task
receiveTask < task @implementation @instantiate:bool @messageRef>message @operationRef>operation
sendTask < task @implementation @messageRef>message @operationRef>operation
serviceTask < task @implementation @operationRef>operation
scriptTask < task @scriptFormat ; script?
userTask < task @implementation ; rendering*
callActivity < activity @calledElement
subProcess < activity @triggeredByEvent:bool ; laneSet* flowElement* artifact*
transaction < subProcess @method
adHocSubProcess < subProcess @cancelRemainingInstances:bool @ordering:Parallel|Sequential ; completionCondition?
gateway < flowNode @gatewayDirection:Unspecified|Converging|Diverging|Mixed
exclusiveGateway < gateway @default>sequenceFlow
inclusiveGateway < gateway @default>sequenceFlow
parallelGateway < gateway
complexGateway < gateway @default>sequenceFlow ; activationCondition?
eventBasedGateway < gateway @instantiate:bool @eventGatewayType:Exclusive|Parallel
~event < flowNode ; property*
~catchEvent < event @parallelMultiple:bool ; dataOutput* dataOutputAssociation* outputSet? eventDefinition* eventDefinitionRef*>eventDefinition
~throwEvent < event ; dataInput* dataInputAssociation* inputSet? eventDefinition* eventDefinitionRef*>eventDefinition
startEvent < catchEvent @isInterrupting:bool
boundaryEvent < catchEvent @cancelActivity:bool @attachedToRef>activity!
intermediateCatchEvent < catchEvent
intermediateThrowEvent < throwEvent
endEvent < throwEvent
implicitThrowEvent < throwEvent
~eventDefinition < rootElement
messageEventDefinition < eventDefinition @messageRef>message ; operationRef?>operation
timerEventDefinition < eventDefinition ; timerExpression?
conditionalEventDefinition < eventDefinition ; condition
signalEventDefinition < eventDefinition @signalRef>signal
errorEventDefinition < eventDefinition @errorRef>error
escalationEventDefinition < eventDefinition @escalationRef>escalation
compensateEventDefinition < eventDefinition @waitForCompletion:bool @activityRef>activity
cancelEventDefinition < eventDefinition
terminateEventDefinition < eventDefinition
linkEventDefinition < eventDefinition @name ; source*>linkEventDefinition target?>linkEventDefinition
dataObject < flowElement @itemSubjectRef>itemDefinition @isCollection:bool ; dataState?
dataObjectReference < flowElement @itemSubjectRef>itemDefinition @dataObjectRef>dataObject ; dataState?
dataStoreReference < flowElement @itemSubjectRef>itemDefinition @dataStoreRef>dataStore ; dataState?
dataStore < rootElement @name @capacity:whole @isUnlimited:bool @itemSubjectRef>itemDefinition ; dataState?
dataState < baseElement @name
property < baseElement @name @itemSubjectRef>itemDefinition ; dataState?
dataInput < baseElement @name @itemSubjectRef>itemDefinition @isCollection:bool ; dataState?
dataOutput < baseElement @name @itemSubjectRef>itemDefinition @isCollection:bool ; dataState?
inputDataItem < dataInput
outputDataItem < dataOutput
inputSet < baseElement @name ; dataInputRefs*>dataInput optionalInputRefs*>dataInput whileExecutingInputRefs*>dataInput outputSetRefs*>outputSet
outputSet < baseElement @name ; dataOutputRefs*>dataOutput optionalOutputRefs*>dataOutput whileExecutingOutputRefs*>dataOutput inputSetRefs*>inputSet
ioSpecification < baseElement ; dataInput* dataOutput* inputSet+ outputSet+
ioBinding < baseElement @operationRef>operation! @inputDataRef>dataInput|inputSet! @outputDataRef>dataOutput|outputSet!
dataInputAssociation < baseElement ; sourceRef*>property|dataObject|dataObjectReference|dataStore|dataStoreReference|dataInput|dataOutput targetRef?>property|dataObject|dataObjectReference|dataStore|dataStoreReference|dataInput|dataOutput transformation? assignment*
dataOutputAssociation < baseElement ; sourceRef*>property|dataObject|dataObjectReference|dataStore|dataStoreReference|dataInput|dataOutput targetRef?>property|dataObject|dataObjectReference|dataStore|dataStoreReference|dataInput|dataOutput transformation? assignment*
assignment < baseElement ; from to
~artifact < baseElement
association < artifact @sourceRef>any! @targetRef>any! @associationDirection:None|One|Both
group < artifact @categoryValueRef>categoryValue
textAnnotation < artifact @textFormat:mime ; text?
callableElement < rootElement @name ; supportedInterfaceRef*>interface ioSpecification? ioBinding*
process < callableElement @processType:None|Public|Private @isClosed:bool @isExecutable:bool @definitionalCollaborationRef>collaboration ; auditing? monitoring? property* laneSet* flowElement* artifact* resourceRole* correlationSubscription* supports*>process
globalTask < callableElement ; resourceRole*
globalUserTask < globalTask @implementation ; rendering*
globalManualTask < globalTask
globalScriptTask < globalTask @scriptLanguage ; script?
globalBusinessRuleTask < globalTask @implementation
collaboration < rootElement @name @isClosed:bool ; participant* messageFlow* artifact* conversationNode* conversationAssociation* participantAssociation* messageFlowAssociation* correlationKey* choreographyRef*>choreography conversationLink*
choreography < collaboration ; flowElement*
globalConversation < collaboration
globalChoreographyTask < choreography @initiatingParticipantRef>participant
participant < baseElement @name @processRef>process ; interfaceRef*>interface endPointRef*>endPoint participantMultiplicity?
participantMultiplicity < baseElement @minimum:whole @maximum:whole
messageFlow < baseElement @name @sourceRef>participant|activity|event|conversationNode! @targetRef>participant|activity|event|conversationNode! @messageRef>message
messageFlowAssociation < baseElement @innerMessageFlowRef>messageFlow! @outerMessageFlowRef>messageFlow!
participantAssociation < baseElement ; innerParticipantRef>participant outerParticipantRef>participant
conversationAssociation < baseElement @innerConversationNodeRef>conversationNode! @outerConversationNodeRef>conversationNode!
conversationLink < baseElement @name @sourceRef>participant|activity|event|conversationNode! @targetRef>participant|activity|event|conversationNode!
~conversationNode < baseElement @name ; participantRef*>participant messageFlowRef*>messageFlow correlationKey*
conversation < conversationNode
callConversation < conversationNode @calledCollaborationRef>collaboration ; participantAssociation*
subConversation < conversationNode ; conversationNode*
~choreographyActivity < flowNode @initiatingParticipantRef>participant! @loopType:None|Standard|MultiInstanceSequential|MultiInstanceParallel ; participantRef+>participant correlationKey*
choreographyTask < choreographyActivity ; messageFlowRef+>messageFlow
callChoreography < choreographyActivity @calledChoreographyRef>choreography ; participantAssociation*
subChoreography < choreographyActivity ; flowElement* artifact*
correlationKey < baseElement @name ; correlationPropertyRef*>correlationProperty
correlationProperty < rootElement @name @type>itemDefinition ; correlationPropertyRetrievalExpression+
correlationPropertyRetrievalExpression < baseElement @messageRef>message! ; messagePath
correlationSubscription < baseElement @correlationKeyRef>correlationKey! ; correlationPropertyBinding*
correlationPropertyBinding < baseElement @correlationPropertyRef>correlationProperty! ; dataPath
message < rootElement @name @itemRef>itemDefinition
signal < rootElement @name @structureRef>itemDefinition
error < rootElement @name @errorCode @structureRef>itemDefinition
escalation < rootElement @name @escalationCode @structureRef>itemDefinition
itemDefinition < rootElement @structureRef @isCollection:bool @itemKind:Information|Physical
interface < rootElement @name:text! @implementationRef ; operation+
operation < baseElement @name:text! @implementationRef ; inMessageRef>message outMessageRef?>message errorRef*>error
endPoint < rootElement
laneSet < baseElement @name ; lane*
childLaneSet < laneSet
lane < baseElement @name @partitionElementRef>any ; partitionElement? flowNodeRef*>flowNode childLaneSet?
partitionElement < baseElement
resourceRole < baseElement @name ; resourceRef?>resource resourceParameterBinding* resourceAssignmentExpression?
performer < resourceRole
humanPerformer < performer
potentialOwner < humanPerformer
resource < rootElement @name:text! ; resourceParameter*
resourceParameter < baseElement @name @type>itemDefinition @isRequired:bool
resourceAssignmentExpression < baseElement ; expression
resourceParameterBinding < baseElement @parameterRef>resourceParameter! ; expression
category < rootElement @name ; categoryValue*
categoryValue < baseElement @value
partnerEntity < rootElement @name ; participantRef*>participant
partnerRole < rootElement @name ; participantRef*>participant
~loopCharacteristics < baseElement
standardLoopCharacteristics < loopCharacteristics @testBefore:bool @loopMaximum:count ; loopCondition?
multiInstanceLoopCharacteristics < loopCharacteristics @isSequential:bool @behavior:None|One|All|Complex @oneBehaviorEventRef>eventDefinition @noneBehaviorEventRef>eventDefinition ; loopCardinality? loopDataInputRef? loopDataOutputRef? inputDataItem? outputDataItem? complexBehaviorDefinition* completionCondition?
complexBehaviorDefinition < baseElement ; condition event?
rendering < baseElement
script
text
expression < baseElement @language @evaluatesToTypeRef
formalExpression < expression
conditionExpression < expression
completionCondition < expression
activationCondition < expression
loopCondition < expression
loopCardinality < expression
condition < expression
~timerExpression < expression
timeDate < timerExpression
timeDuration < timerExpression
timeCycle < timerExpression
transformation < expression
from < expression
to < expression
messagePath < expression
dataPath < expression
"""  # noqa: E501 - one line an element
